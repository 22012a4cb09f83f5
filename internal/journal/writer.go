package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"healer-sidecar/internal/host/fsys"
)

// writer is the one that touches the disk. It belongs to its goroutine.
type writer struct {
	dir   string
	limit int64
	flush func(*os.File) error
	file  *os.File
	size  int64
	// written is how much of what is pending is in the file and not synced.
	written int
}

// write serves orders until the journal is closed.
func (j *Journal) write() {
	w := &writer{dir: j.dir, limit: j.limit, flush: j.flush}
	defer w.close()
	for range j.kick {
		if !j.round(w) {
			return
		}
	}
}

// round does what was ordered and reports whether there will be more.
func (j *Journal) round(w *writer) bool {
	j.mu.Lock()
	o, batch, last, closed := j.orders, j.pending[w.written:], j.next-1, j.closed
	length := len(j.pending)
	j.orders = orders{}
	j.rounds.begun++
	j.mu.Unlock()
	if closed {
		return false
	}
	synced, filled, err := w.take(batch, o.sync, last)
	saved := false
	if o.save != nil {
		failed := saveLedger(w.dir, o.save)
		saved = failed == nil
		if err = errors.Join(err, failed); saved {
			trim(w.dir, o.save.seq)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if synced {
		j.pending, w.written = append(j.pending[:0], j.pending[length:]...), 0
	}
	if saved {
		j.saved = o.save.seq
	}
	j.full = j.full || filled
	j.failure = err
	if j.timer == nil && err == nil && len(j.pending) > 0 {
		j.timer = time.AfterFunc(groupCommit, j.commit)
	}
	j.rounds.done, j.rounds.hung = j.rounds.begun, false
	close(j.rounds.ended)
	j.rounds.ended = make(chan struct{})
	return true
}

// take writes what is new, and syncs it where that is asked for or the segment is full.
func (w *writer) take(batch []byte, sync bool, last uint64) (synced, filled bool, err error) {
	if len(batch) == 0 && w.written == 0 {
		return false, false, nil
	}
	if w.file == nil {
		if err := w.open(last); err != nil {
			return false, false, err
		}
	}
	n, err := w.file.Write(batch)
	w.written += n
	w.size += int64(n)
	if err != nil {
		return false, false, w.abandon(fmt.Errorf("cannot write journal: %w", err))
	}
	if !sync && w.size <= w.limit {
		return false, false, nil
	}
	if err := w.flush(w.file); err != nil {
		return false, false, w.abandon(fmt.Errorf("cannot sync journal: %w", err))
	}
	if gone(w.file) {
		return false, false, w.abandon(errors.New("cannot write journal: its segment was removed"))
	}
	if w.size <= w.limit {
		return true, false, nil
	}
	err = w.file.Close()
	w.file = nil
	return true, true, err
}

// abandon gives a segment up after a failure: what it took is not known, so all
// that was not acknowledged is written again to a fresh one, and the failed
// descriptor is never synced a second time.
func (w *writer) abandon(cause error) error {
	w.file.Close()
	w.file, w.written = nil, 0
	return cause
}

func (w *writer) close() {
	if w.file != nil {
		w.file.Close()
	}
}

// maxAgain bounds how many segments may begin at the same event, each after a failure.
const maxAgain = 100

// open begins a segment. Later ones of the same event are served after the earlier.
func (w *writer) open(last uint64) error {
	path := filepath.Join(w.dir, segmentName(last))
	for n := 1; ; n++ {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
		if err == nil {
			w.file, w.size, w.written = f, 0, 0
			return fsys.SyncDir(w.dir)
		}
		if !errors.Is(err, os.ErrExist) || n > maxAgain {
			return fmt.Errorf("cannot open journal segment: %w", err)
		}
		path = filepath.Join(w.dir, fmt.Sprintf("%s%016d_%02d%s", segmentPrefix, last, n, segmentSuffix))
	}
}

// gone reports that a file that is open has no name any more.
func gone(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && fsys.Unlinked(info)
}

// trim removes the oldest segments past the retention, but none that holds what the ledger does
// not tell.
func trim(dir string, saved uint64) {
	names, err := segments(dir)
	if err != nil {
		return
	}
	total := int64(0)
	for i := len(names) - 1; i >= 0; i-- {
		info, err := os.Lstat(filepath.Join(dir, names[i]))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		total += info.Size()
		if next := i + 1; total > retention && next < len(names) && told(names[next], saved) {
			_ = os.Remove(filepath.Join(dir, names[i]))
		}
	}
}

// told reports that the ledger tells all that stands before a segment.
func told(segment string, saved uint64) bool {
	first, _ := firstSeq(segment)
	return first <= saved
}

func countLines(text []byte) int { return bytes.Count(text, []byte("\n")) }
