package journal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

const (
	// segmentSize is when a new segment begins, retention what all may take.
	segmentSize = 8 << 20
	retention   = 64 << 20
	// groupCommit bounds how long a routine record may wait for the disk.
	groupCommit = 50 * time.Millisecond
	// maxPending bounds what is kept in memory while the disk refuses to take it.
	maxPending = 1 << 20
)

// Journal appends events and reads them back. It is safe for concurrent use.
type Journal struct {
	dir string

	mu      sync.Mutex // guards everything below
	file    *os.File
	size    int64
	next    uint64
	pending []byte // encoded and not yet synced
	written int    // how much of pending is in the file
	dropped int
	failure error
	// saved is the sequence number up to which a snapshot tells what the events
	// amount to; full says that segments wait for a later one to be removed.
	saved   uint64
	full    bool
	changed chan struct{}
	timer   *time.Timer
}

// Open reads the journal of a directory through each, sets damage aside, and is
// then ready to append. It returns how many records were damaged.
func Open(dir string, after uint64, each func(heal.Event)) (*Journal, int, error) {
	names, err := segments(dir)
	if err != nil {
		return nil, 0, err
	}
	r := &recovery{dir: dir, told: after, in: bufio.NewReaderSize(nil, 64<<10)}
	for _, name := range names {
		err := r.file(name, func(e heal.Event) {
			if e.Seq > after {
				each(e)
			}
		})
		if err != nil {
			return nil, 0, err
		}
	}
	if err := r.quarantine(); err != nil {
		return nil, 0, err
	}
	j := &Journal{dir: dir, next: max(r.last, after) + 1, saved: after, changed: make(chan struct{})}
	return j, len(r.damaged), nil
}

// Append gives the events their sequence numbers and writes them, in order. With
// durable it returns only when they are on the disk; else they follow within
// groupCommit. An error means that the events are kept in memory and tried
// again with the next append: supervision goes on, the caller decides what may
// still be done without a durable intent.
func (j *Journal) Append(events []heal.Event, durable bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range events {
		events[i].Seq = j.next
		j.next++
		line, err := encode(nil, events[i])
		if err != nil {
			return err
		}
		if len(j.pending)+len(line) > maxPending && j.failure != nil {
			j.dropped++
			continue
		}
		j.pending = append(j.pending, line...)
	}
	j.failure = j.flush(durable)
	close(j.changed)
	j.changed = make(chan struct{})
	return j.failure
}

// Sync brings everything that was appended to the disk.
func (j *Journal) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.pending) > 0 {
		j.failure = j.flush(true)
	}
	return j.failure
}

// flush writes what is pending. The lock is held.
func (j *Journal) flush(durable bool) error {
	if j.file == nil {
		if err := j.openSegment(); err != nil {
			return err
		}
	}
	n, err := j.file.Write(j.pending[j.written:])
	j.written += n
	j.size += int64(n)
	if err != nil {
		return j.abandon(fmt.Errorf("cannot write journal: %w", err))
	}
	if durable || j.size > segmentSize {
		return j.sync()
	}
	if j.timer == nil {
		j.timer = time.AfterFunc(groupCommit, j.commit)
	}
	return nil
}

// commit is the group commit of routine records.
func (j *Journal) commit() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.timer = nil
	if j.file != nil && len(j.pending) > 0 {
		j.failure = j.sync()
	}
}

func (j *Journal) sync() error {
	if err := fdatasync(j.file); err != nil {
		return j.abandon(fmt.Errorf("cannot sync journal: %w", err))
	}
	j.pending, j.written = j.pending[:0], 0
	if j.size <= segmentSize {
		return nil
	}
	err := j.file.Close()
	j.file, j.full = nil, true
	return err
}

// abandon gives a segment up after a failure: what it took is not known, so all
// that was not acknowledged is written again to a fresh one, and the failed
// descriptor is never synced a second time.
func (j *Journal) abandon(cause error) error {
	j.file.Close()
	j.file, j.written = nil, 0
	return cause
}

func (j *Journal) openSegment() error {
	path := filepath.Join(j.dir, segmentName(j.next-1))
	for n := uint64(0); ; n++ {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
		if err == nil {
			j.file, j.size, j.written = f, 0, 0
			return host.SyncDir(j.dir)
		}
		if !errors.Is(err, os.ErrExist) || n > 100 {
			return fmt.Errorf("cannot open journal segment: %w", err)
		}
		path = filepath.Join(j.dir, fmt.Sprintf("%s%016d.%02d%s", segmentPrefix, j.next-1, n, segmentSuffix))
	}
}

// Full reports that a segment was filled since the last Compact.
func (j *Journal) Full() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.full
}

// Compact saves what all events so far amount to, and then removes the oldest
// segments past the retention: nothing is removed that no snapshot tells.
func (j *Journal) Compact(state any) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.full = false // a disk that does not take it is tried again with the next segment
	if err := SaveSnapshot(j.dir, j.next-1, state); err != nil {
		return err
	}
	j.saved = j.next - 1
	return j.trim()
}

func (j *Journal) trim() error {
	names, err := segments(j.dir)
	if err != nil {
		return err
	}
	total := int64(0)
	for i := len(names) - 1; i >= 0; i-- {
		info, err := os.Stat(filepath.Join(j.dir, names[i]))
		if err != nil {
			continue
		}
		total += info.Size()
		if next := i + 1; total > retention && next < len(names) && j.told(names[next]) {
			_ = os.Remove(filepath.Join(j.dir, names[i]))
		}
	}
	return nil
}

// told reports that the snapshot tells all that stands before a segment.
func (j *Journal) told(segment string) bool {
	first, _ := firstSeq(segment)
	return first <= j.saved
}

// Changed is closed when the next event is appended.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}

// Degraded returns how many events were dropped and why the disk does not take
// them; nil when it does.
func (j *Journal) Degraded() (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.dropped, j.failure
}

// Last is the highest sequence number given out.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.next - 1
}

// Close syncs what is pending.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.timer != nil {
		j.timer.Stop()
	}
	if j.file == nil {
		return nil
	}
	err := fdatasync(j.file)
	return errors.Join(err, j.file.Close())
}
