package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"healer-sidecar/internal/heal"
)

// Reader serves events in order, while others may be appended, and goes on where
// it stopped. It belongs to one goroutine.
type Reader struct {
	dir  string
	last uint64
	// name and offset are the place of the next record; an empty name is the start.
	name   string
	offset int64
}

// After returns a reader of the events after a sequence number.
func (j *Journal) After(seq uint64) *Reader { return &Reader{dir: j.dir, last: seq} }

// Past returns a reader of everything that lies in a folder.
func Past(dir string) *Reader { return Since(dir, 0) }

// Since returns a reader of the events in a folder after a sequence number.
func Since(dir string, seq uint64) *Reader { return &Reader{dir: dir, last: seq} }

// Read serves what it has not served yet until each returns false.
func (r *Reader) Read(each func(heal.Event) bool) error {
	names, err := segments(r.dir)
	if err != nil {
		return err
	}
	for i := r.first(names); i < len(names); i++ {
		if names[i] != r.name {
			r.name, r.offset = names[i], 0
		}
		more, err := r.segment(each)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// first is the segment to go on with: the present one, or the last that may hold
// the event after the last one served.
func (r *Reader) first(names []string) int {
	if i, found := slices.BinarySearch(names, r.name); found || r.name != "" {
		return i
	}
	for i := len(names) - 1; i > 0; i-- {
		if seq, _ := firstSeq(names[i]); seq <= r.last {
			return i
		}
	}
	return 0
}

// segment serves the whole records behind the offset. A record that is being
// written is left for the next time.
func (r *Reader) segment(each func(heal.Event) bool) (bool, error) {
	f, err := openSegment(filepath.Join(r.dir, r.name))
	if err != nil {
		return true, nil // it has gone, or was counted as damage when the journal was opened
	}
	defer f.Close()
	if _, err := f.Seek(r.offset, io.SeekStart); err != nil {
		return false, fmt.Errorf("cannot read journal: %w", err)
	}
	in := bufio.NewReaderSize(f, 64<<10)
	for {
		line, size, err := readLine(in, nil)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("cannot read journal: %w", err)
		}
		r.offset += size
		e, ok := decode(line)
		if !ok || e.Seq <= r.last {
			continue
		}
		r.last = e.Seq
		if !each(e) {
			return false, nil
		}
	}
}
