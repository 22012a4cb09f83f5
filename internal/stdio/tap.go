package stdio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// tap copies what is written to a regular file to where detectors read it. The file belongs to
// somebody else; the run writes to it by itself.
type tap struct {
	target  *os.File
	changed func(path string, ch chan<- struct{}) (stop func())

	mu     sync.Mutex // guards everything below
	rec    *recorder
	source *os.File
	offset int64
}

func newTap(target *os.File, spool string, changed func(string, chan<- struct{}) func()) *tap {
	return &tap{target: target, changed: changed, rec: newRecorder(spool)}
}

// begin starts copying, from where the next run will write. A file that may not be read is not
// copied.
func (t *tap) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source != nil {
		return
	}
	path := fmt.Sprintf("/proc/self/fd/%d", descriptor(t.target))
	source, err := os.Open(path)
	if err != nil {
		t.rec.fault = err.Error()
		return
	}
	t.source, t.offset = source, beginsAt(t.target)
	real, err := os.Readlink(path)
	if err != nil {
		return
	}
	news := make(chan struct{}, 1)
	t.changed(real, news)
	go func() {
		for range news {
			t.drain()
		}
	}()
}

// beginsAt is where the next write to a file goes.
func beginsAt(f *os.File) int64 {
	flags, err := unix.FcntlInt(descriptor(f), unix.F_GETFL, 0)
	if err == nil && flags&unix.O_APPEND == 0 {
		return offsetOf(f)
	}
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// drain copies what is there by now.
func (t *tap) drain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil {
		return
	}
	info, err := t.source.Stat()
	if err != nil {
		return
	}
	if info.Size() < t.offset { // it was truncated
		t.offset = 0
	}
	buf := chunkBuffer()
	defer recycle(buf)
	for {
		n, err := t.source.ReadAt(buf, t.offset)
		t.rec.write(buf[:n], time.Now())
		t.offset += int64(n)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.rec.fault = err.Error()
			}
			break
		}
	}
	t.rec.flush()
}
