package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"healer-sidecar/internal/heal"
)

const (
	segmentPrefix = "journal-"
	segmentSuffix = ".jsonl"
	damagedFile   = "journal.damaged"
)

// segmentName orders segments by their first sequence number.
func segmentName(first uint64) string {
	return fmt.Sprintf("%s%016d%s", segmentPrefix, first, segmentSuffix)
}

// firstSeq is the sequence number in a segment's name; false for other files.
func firstSeq(name string) (uint64, bool) {
	var n uint64
	rest, ok := strings.CutPrefix(name, segmentPrefix)
	rest, end := strings.CutSuffix(rest, segmentSuffix)
	if !ok || !end {
		return 0, false
	}
	if _, err := fmt.Sscanf(rest, "%d", &n); err != nil {
		return 0, false
	}
	return n, true
}

// segments lists the segment files of a directory, oldest first.
func segments(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot list journal: %w", err)
	}
	var names []string
	for _, e := range entries {
		if _, ok := firstSeq(e.Name()); ok {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// recovery walks all records when a journal is opened, and keeps what a crash left
// behind out of them.
type recovery struct {
	dir string
	// last is the highest sequence number served; a record that was written twice
	// after a failed sync is served once.
	last uint64
	// told is up to where a snapshot tells what the events amount to: such records are only
	// checked.
	told    uint64
	damaged [][]byte
	in      *bufio.Reader
	line    []byte
}

// file serves the undamaged records of one segment.
func (r *recovery) file(name string, each func(heal.Event)) error {
	f, err := os.Open(filepath.Join(r.dir, name))
	if err != nil {
		return fmt.Errorf("cannot read journal: %w", err)
	}
	defer f.Close()
	r.in.Reset(f)
	for {
		line, _, err := readLine(r.in, r.line[:0])
		r.line = line
		if len(line) > 0 {
			r.serve(line, each)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read journal: %w", err)
		}
	}
}

func (r *recovery) serve(line []byte, each func(heal.Event)) {
	raw, ok := checked(line)
	if seq, known := seqOf(raw); ok && known && seq <= r.told {
		r.last = max(r.last, seq)
		return
	}
	e, ok := decode(line)
	if !ok {
		r.damaged = append(r.damaged, slices.Clone(line[:min(len(line), maxRecord)]))
		return
	}
	if e.Seq > r.last {
		r.last = e.Seq
		each(e)
	}
}

// readLine returns one line without its newline, and its size with it. A line
// longer than any record is cut: it is damage, and its rest is skipped. It is appended to line.
func readLine(in *bufio.Reader, line []byte) (_ []byte, size int64, err error) {
	for {
		part, err := in.ReadSlice('\n')
		size += int64(len(part))
		if len(line) <= maxRecord+1024 {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if n := len(line); n > 0 && line[n-1] == '\n' {
			line = line[:n-1]
		}
		return line, size, err
	}
}

// quarantine keeps damaged lines in a side file, so that nothing is lost.
func (r *recovery) quarantine() error {
	if len(r.damaged) == 0 {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(r.dir, damagedFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("cannot set damaged records aside: %w", err)
	}
	defer f.Close()
	for _, line := range r.damaged {
		if _, err := f.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("cannot set damaged records aside: %w", err)
		}
	}
	return nil
}
