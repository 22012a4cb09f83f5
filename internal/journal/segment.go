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
	"syscall"

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
	told uint64
	in   *bufio.Reader
	line []byte
	// beyond is what a segment that cannot be read may reach.
	beyond uint64
	// damaged counts what was set aside in a side file, as far as that may grow.
	damaged int
	aside   *os.File
	room    int64
}

const (
	// maxAside bounds what is kept of damage.
	maxAside = 16 << 20
	// unknownRecords is how many a segment that cannot be read may hold at most: their numbers
	// are not given out again.
	unknownRecords = 1 << 20
)

// file serves the undamaged records of one segment. One that cannot be read, or is no file, is
// damage: the rest is served.
func (r *recovery) file(name string, each func(heal.Event)) {
	f, err := openSegment(filepath.Join(r.dir, name))
	if err != nil {
		r.unreadable(name)
		return
	}
	defer f.Close()
	r.in.Reset(f)
	for {
		line, _, err := readLine(r.in, r.line[:0])
		r.line = line
		if len(line) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			r.serve(line, each)
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.unreadable(name)
			return
		}
	}
}

// unreadable leaves out what is left of a segment.
func (r *recovery) unreadable(name string) {
	first, _ := firstSeq(name)
	r.damaged++
	r.beyond = max(r.beyond, first+unknownRecords)
}

func (r *recovery) serve(line []byte, each func(heal.Event)) {
	raw, ok := checked(line)
	if seq, known := seqOf(raw); ok && known && seq <= r.told {
		r.last = max(r.last, seq)
		return
	}
	e, ok := decode(line)
	if !ok {
		r.quarantine(line)
		return
	}
	if e.Seq > r.last {
		r.last = e.Seq
		each(e)
	}
}

// openSegment opens a segment for reading, and nothing that is no file: a folder, or a pipe that
// nobody writes to, may lie in its place.
func openSegment(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot read journal: %w", err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("cannot read journal: %s is not a file", path)
	}
	return f, nil
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

// quarantine keeps a damaged line in a side file, so that nothing is lost. Where that cannot be
// written the damage is counted all the same.
func (r *recovery) quarantine(line []byte) {
	if r.damaged++; r.damaged == 1 {
		r.aside, _ = os.OpenFile(filepath.Join(r.dir, damagedFile), os.O_WRONLY|os.O_CREATE|os.O_TRUNC|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0o600)
		r.room = maxAside
	}
	line = append(line[:min(len(line), maxRecord)], '\n')
	if r.room -= int64(len(line)); r.aside != nil && r.room > 0 {
		_, _ = r.aside.Write(line)
	}
}

func (r *recovery) close() {
	if r.aside != nil {
		r.aside.Close()
	}
}
