package stdio

import (
	"bytes"
	"os"
	"time"

	"healer-sidecar/internal/host/fsys"
)

const (
	// recordRate is how much of a stream is recorded in a second, recordSaved how much of that
	// may be saved up: recording all of a flood would slow the run.
	recordRate, recordSaved = 64 << 20, 16 << 20
	// tailRoom is how much of the end is kept in memory while it cannot be recorded.
	tailRoom = 512 << 10
)

// recorder writes what detectors read. It may lose text, in whole lines and counted, and never
// holds a run up: what the disk does not take waits in memory, the latest of it.
type recorder struct {
	path string
	file *os.File
	// tail is what is not in the file yet; its beginning was cut when whole is false.
	tail  []byte
	whole bool
	left  int64
	at    time.Time
	// lost counts the bytes that were left out, fault is why the file takes nothing; empty
	// when it does.
	lost  int64
	fault string
}

func newRecorder(path string) *recorder { return &recorder{path: path, whole: true, left: recordSaved} }

// write records a chunk, or keeps it for later.
func (r *recorder) write(b []byte, now time.Time) {
	if r.path == "" {
		return
	}
	if r.left = min(r.left+int64(now.Sub(r.at).Seconds()*recordRate), recordSaved); r.at.IsZero() {
		r.left = recordSaved
	}
	r.at = now
	if r.left <= 0 {
		r.keep(b)
		return
	}
	r.left -= int64(len(b) + len(r.tail))
	if len(r.tail) > 0 {
		r.keep(b)
		r.flush()
		return
	}
	if n := r.append(b); n < len(b) {
		r.keep(b[n:])
	}
}

// flush records what was kept back.
func (r *recorder) flush() {
	if len(r.tail) == 0 {
		return
	}
	if !r.whole {
		cut := bytes.IndexByte(r.tail, '\n') + 1 // a line is read whole or not at all
		r.lost += int64(cut)
		r.tail, r.whole = r.tail[cut:], true
	}
	r.tail = r.tail[:copy(r.tail, r.tail[r.append(r.tail):])]
}

// keep holds a chunk in memory. The oldest goes when there is no room.
func (r *recorder) keep(b []byte) {
	r.tail = append(r.tail, b...)
	if over := len(r.tail) - 2*tailRoom; over > 0 {
		over += tailRoom // not for each chunk
		r.lost += int64(over)
		r.tail = r.tail[:copy(r.tail, r.tail[over:])]
		r.whole = false
	}
}

// append writes to the file and says how much of it was taken.
func (r *recorder) append(b []byte) int {
	if r.file == nil {
		f, err := fsys.OpenAppend(r.path)
		if err != nil {
			r.fault = err.Error()
			return 0
		}
		r.file = f
	}
	n, err := r.file.Write(b)
	r.fault = ""
	if err != nil {
		r.fault = err.Error()
	}
	return n
}

func (r *recorder) close() {
	r.flush()
	if r.file != nil {
		r.file.Close()
		r.file = nil
	}
}
