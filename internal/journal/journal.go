package journal

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// segmentSize is when a new segment begins, retention what all may take.
	segmentSize = 8 << 20
	retention   = 64 << 20
	// groupCommit bounds how long a routine record may wait for the disk.
	groupCommit = 50 * time.Millisecond
	// maxPending bounds what is kept in memory while the disk refuses to take it.
	maxPending = 1 << 20
	// patience is how long a caller waits for the disk, closeWithin how long Close does.
	patience, closeWithin = time.Second, 5 * time.Second
)

// ErrHung says that the disk has not answered within the deadline of an intent.
var ErrHung = errors.New("the disk of the state does not answer")

// Journal appends events and reads them back. It is safe for concurrent use. Only its writer, a
// goroutine of its own, touches the disk: a disk that hangs holds that one up and nobody else.
type Journal struct {
	dir      string
	patience time.Duration
	// limit is when a new segment begins; flush brings one to the disk.
	limit int64
	flush func(*os.File) error

	mu      sync.Mutex // guards everything below; never held while the disk is used
	next    uint64
	pending []byte // encoded and not yet synced
	dropped int
	failure error
	// saved is the sequence number up to which a snapshot tells what the events
	// amount to; full says that segments wait for a later one to be removed.
	saved   uint64
	full    bool
	changed chan struct{}
	timer   *time.Timer
	orders  orders
	rounds  rounds
	kick    chan struct{}
	started bool
	closed  bool
}

// orders is what the next round of the writer has to do beside to write.
type orders struct {
	sync bool
	save *ledger
}

// rounds counts what the writer has begun and ended. ended is closed at the end of a round; hung
// says that the present one has taken longer than somebody could wait.
type rounds struct {
	begun, done uint64
	ended       chan struct{}
	hung        bool
}

// Open reads the journal of a directory through each, sets damage aside, and is
// then ready to append. It returns how many records were damaged. What cannot be read is damage;
// an error says that the directory itself cannot be used.
func Open(dir string, after uint64, each func(heal.Event)) (*Journal, int, error) {
	names, err := segments(dir)
	if err != nil {
		return nil, 0, err
	}
	r := &recovery{dir: dir, told: after, in: bufio.NewReaderSize(nil, 64<<10)}
	for _, name := range names {
		r.file(name, func(e heal.Event) {
			if e.Seq > after {
				each(e)
			}
		})
	}
	r.close()
	j := &Journal{
		dir: dir, patience: patience, limit: segmentSize, flush: fdatasync, next: max(r.last, r.beyond, after) + 1, saved: after, changed: make(chan struct{}),
		rounds: rounds{ended: make(chan struct{})}, kick: make(chan struct{}, 1),
	}
	return j, r.damaged, nil
}

// Append gives the events their sequence numbers and writes them, in order. With
// durable it returns only when they are on the disk; else they follow within
// groupCommit. An error means that the events are kept in memory and tried
// again with the next append: supervision goes on, the caller decides what may
// still be done without a durable intent. Nobody waits longer than the deadline; while the disk
// hangs nobody waits at all.
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
	err := j.work(orders{sync: durable}, j.patience)
	close(j.changed)
	j.changed = make(chan struct{})
	return err
}

// Sync brings everything that was appended to the disk.
func (j *Journal) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.pending) == 0 && j.failure == nil {
		return nil
	}
	return j.work(orders{sync: true}, j.patience)
}

// work has the writer do a round that begins from now on, and waits for its end. The lock is
// held, and given up meanwhile.
func (j *Journal) work(o orders, within time.Duration) error {
	j.order(o)
	need := j.rounds.begun + 1
	late := time.NewTimer(within)
	defer late.Stop()
	for j.rounds.done < need && !j.rounds.hung {
		ended := j.rounds.ended
		j.mu.Unlock()
		hung := false
		select {
		case <-ended:
		case <-late.C:
			hung = true
		}
		j.mu.Lock()
		if hung && j.rounds.done < need {
			j.rounds.hung = true
			j.failure = fmt.Errorf("cannot write journal: %w: nothing for %s", ErrHung, within)
		}
	}
	return j.failure
}

// order tells the writer what to do. The lock is held.
func (j *Journal) order(o orders) {
	j.orders.sync = j.orders.sync || o.sync
	if o.save != nil {
		j.orders.save = o.save
	}
	if !j.started {
		j.started = true
		go j.write()
	}
	select {
	case j.kick <- struct{}{}:
	default:
	}
}

// commit is the group commit of routine records.
func (j *Journal) commit() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.timer = nil
	if len(j.pending) > 0 && !j.closed {
		j.order(orders{sync: true})
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
	text, err := seal(j.next-1, state)
	if err != nil {
		return err
	}
	return j.work(orders{save: &ledger{seq: j.next - 1, text: text}}, j.patience)
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

// Close syncs what is pending. An error says what is lost: events that the disk did not take.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.timer != nil {
		j.timer.Stop()
	}
	if j.closed || !j.started {
		j.closed = true
		return nil
	}
	j.rounds.hung = false // this one waits
	err := j.work(orders{sync: true}, closeWithin)
	j.closed = true
	j.order(orders{})
	if lost := countLines(j.pending) + j.dropped; err != nil && lost > 0 {
		return fmt.Errorf("cannot close journal: %d events are lost: %w", lost, err)
	}
	return err
}
