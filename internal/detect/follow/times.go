package follow

import (
	"encoding/binary"
	"os"
	"slices"
	"time"
)

const (
	// timesSuffix names the file that says when an output file was read how far.
	timesSuffix = ".times"
	// entrySize is an offset and a wall time; maxTimes entries are kept at most.
	entrySize, maxTimes = 16, 1 << 16
	// timesEvery is the least time between two entries.
	timesEvery = 5 * time.Millisecond
)

// times notes when lines came, so that they can be shown with their time although
// the agent writes its output by itself. Losing it costs only that.
type times struct {
	path  string
	file  *os.File
	count int
	last  time.Time
}

// note says that everything before offset had come by now.
func (t *times) note(offset int64, now time.Time) {
	if t == nil || now.Sub(t.last) < timesEvery {
		return
	}
	if t.file == nil || t.count >= maxTimes {
		t.open()
	}
	if t.file == nil {
		return
	}
	var b [entrySize]byte
	binary.LittleEndian.PutUint64(b[:], uint64(offset))
	binary.LittleEndian.PutUint64(b[8:], uint64(now.UnixNano()))
	if _, err := t.file.Write(b[:]); err == nil {
		t.count++
		t.last = now
	}
}

// open begins a file that holds the later half of what there is.
func (t *times) open() {
	t.close()
	kept, _ := os.ReadFile(t.path)
	kept = kept[:len(kept)/entrySize*entrySize]
	if len(kept) >= maxTimes*entrySize {
		kept = kept[len(kept)/entrySize/2*entrySize:]
	}
	f, err := os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	if _, err := f.Write(kept); err != nil {
		f.Close()
		return
	}
	t.file, t.count = f, len(kept)/entrySize
}

func (t *times) close() {
	if t != nil && t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// clock answers when the byte before an offset came; the zero time where nobody
// knows.
type clock struct {
	offsets []int64
	at      []time.Time
}

func readTimes(path string) clock {
	b, _ := os.ReadFile(path + timesSuffix)
	var c clock
	for ; len(b) >= entrySize; b = b[entrySize:] {
		c.offsets = append(c.offsets, int64(binary.LittleEndian.Uint64(b)))
		c.at = append(c.at, time.Unix(0, int64(binary.LittleEndian.Uint64(b[8:]))))
	}
	return c
}

func (c clock) of(offset int64) time.Time {
	i, _ := slices.BinarySearch(c.offsets, offset)
	if i == len(c.at) {
		return time.Time{}
	}
	return c.at[i]
}
