package stdio

import (
	"sync"
	"time"
)

// book holds what is known of the streams of the latest runs.
type book struct {
	mu   sync.Mutex // guards everything below
	runs map[int]*progress
	last int
	// broken says which reader is gone, and how; fed what the last run has read.
	broken string
	fed    Event
	// stopped is when the keys that end a program were typed last.
	stopped time.Time
	// lost counts the bytes that were not recorded, fault is why.
	lost  int64
	fault string
}

// progress is closed step by step for each stream of one run.
type progress struct {
	recorded, delivered [2]chan struct{}
}

// open takes a new run in. Streams that are not copied are done from the beginning.
func (b *book) open(run int, copied [2]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &progress{}
	for i, is := range copied {
		p.recorded[i], p.delivered[i] = make(chan struct{}), make(chan struct{})
		if !is {
			close(p.recorded[i])
			close(p.delivered[i])
		}
	}
	if b.runs == nil {
		b.runs = map[int]*progress{}
	}
	b.runs[run], b.last, b.fed = p, run, Event{}
	delete(b.runs, run-keptRuns)
}

// keptRuns is how many runs are known: the last one, and the one before it, which may not be
// delivered yet.
const keptRuns = 2

// of is the progress of a run, of the last one for 0; nil for none.
func (b *book) of(run int) *progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	if run == 0 {
		run = b.last
	}
	return b.runs[run]
}

// note takes an event into account.
func (b *book) note(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e.Kind {
	case Broken:
		b.broken = e.Stream + ": " + e.Fault
		return
	case Fed:
		b.fed = e
		return
	case Interrupted:
		b.stopped = time.Now()
		return
	}
	p := b.runs[e.Run]
	for i, name := range names {
		switch {
		case name != e.Stream || p == nil:
		case e.Kind == Recorded:
			b.lost, b.fault = e.Lost, e.Fault
			shut(p.recorded[i])
		case e.Kind == Delivered:
			shut(p.delivered[i])
		}
	}
}

// shut closes what may be closed already: who takes a run over may be told twice.
func shut(ch chan struct{}) {
	select {
	case <-ch:
	default:
		close(ch)
	}
}

// gone says which reader is gone; spent why the input that was read cannot be read again.
func (b *book) gone() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

// endsFor is how long a program may take to end after the keys that tell it to.
const endsFor = 5 * time.Second

// interrupted reports that a person has just told the run to end.
func (b *book) interrupted() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.stopped.IsZero() && time.Since(b.stopped) < endsFor
}

func (b *book) spent() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fed.Read == 0 {
		return ""
	}
	return b.fed.Fault
}
