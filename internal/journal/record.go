package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"healer-sidecar/internal/heal"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A line is {"crc":"xxxxxxxx","event":{...}}; the checksum covers the bytes of
// the event object.
const (
	head     = `{"crc":"`
	middle   = `","event":`
	crcWidth = 8
)

// maxRecord bounds one line; evidence is cut to fit long before it.
const maxRecord = 256 << 10

// encode appends the line of one event to dst.
func encode(dst []byte, e heal.Event) ([]byte, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return dst, fmt.Errorf("cannot encode event %s: %w", e.Kind, err)
	}
	if len(raw) > maxRecord {
		return dst, fmt.Errorf("cannot encode event %s: %d bytes, at most %d", e.Kind, len(raw), maxRecord)
	}
	dst = fmt.Appendf(dst, "%s%08x%s", head, crc32.Checksum(raw, castagnoli), middle)
	dst = append(dst, raw...)
	return append(dst, "}\n"...), nil
}

// decode reads one line without its newline. It reports false for anything but
// a whole record whose checksum holds.
func decode(line []byte) (heal.Event, bool) {
	var e heal.Event
	prefix := len(head) + crcWidth + len(middle)
	if len(line) <= prefix+1 || !bytes.HasPrefix(line, []byte(head)) || line[len(line)-1] != '}' {
		return e, false
	}
	if !bytes.Equal(line[len(head)+crcWidth:prefix], []byte(middle)) {
		return e, false
	}
	raw := line[prefix : len(line)-1]
	if want := fmt.Sprintf("%08x", crc32.Checksum(raw, castagnoli)); want != string(line[len(head):len(head)+crcWidth]) {
		return e, false
	}
	if json.Unmarshal(raw, &e) != nil {
		return heal.Event{}, false
	}
	return e, true
}
