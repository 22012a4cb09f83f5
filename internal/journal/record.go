package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

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

// maxRecord bounds one line.
const maxRecord = 256 << 10

// encode appends the line of one event to dst. An event that is too large loses
// its quoted output, never its place in the journal.
func encode(dst []byte, e heal.Event) ([]byte, error) {
	raw, err := marshal(e)
	if err == nil && len(raw) > maxRecord {
		raw, err = marshal(cut(e))
	}
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

// marshal leaves <, > and & as they are: nobody reads the journal as HTML, and
// escaped they take six times the room.
func marshal(e heal.Event) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// cut drops the output that an event quotes, and says so.
func cut(e heal.Event) heal.Event {
	if e.Signal != nil {
		s := *e.Signal
		s.Lines, s.Text = nil, ""
		e.Signal = &s
	}
	e.Note = strings.TrimSpace(e.Note[:min(len(e.Note), maxRecord/4)] + " (quoted output was too large to keep)")
	return e
}

// decode reads one line without its newline. It reports false for anything but
// a whole record whose checksum holds.
func decode(line []byte) (heal.Event, bool) {
	var e heal.Event
	raw, ok := checked(line)
	if !ok || json.Unmarshal(raw, &e) != nil {
		return heal.Event{}, false
	}
	return e, true
}

// checked is the event of a whole record whose checksum holds.
func checked(line []byte) ([]byte, bool) {
	prefix := len(head) + crcWidth + len(middle)
	if len(line) <= prefix+1 || !bytes.HasPrefix(line, []byte(head)) || line[len(line)-1] != '}' {
		return nil, false
	}
	if !bytes.Equal(line[len(head)+crcWidth:prefix], []byte(middle)) {
		return nil, false
	}
	raw := line[prefix : len(line)-1]
	var sum [crc32.Size]byte
	if _, err := hex.Decode(sum[:], line[len(head):len(head)+crcWidth]); err != nil {
		return nil, false
	}
	return raw, binary.BigEndian.Uint32(sum[:]) == crc32.Checksum(raw, castagnoli)
}

// seqOf is the sequence number of an encoded event, which begins with it.
func seqOf(raw []byte) (uint64, bool) {
	rest, ok := bytes.CutPrefix(raw, []byte(`{"seq":`))
	digits, _, found := bytes.Cut(rest, []byte(","))
	seq, err := strconv.ParseUint(string(digits), 10, 64)
	return seq, ok && found && err == nil
}
