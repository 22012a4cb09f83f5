package fsys

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrHung says that a disk has not answered in time. What was asked of it may still be done later.
var ErrHung = errors.New("the disk does not answer")

// Patient does one thing after the other that may hang on a disk, and waits for each only so long.
// While one of them hangs nothing is begun. It belongs to one goroutine.
type Patient struct {
	Within time.Duration
	hung   chan struct{}
}

// Do runs something and reports whether it has ended. What is still running may be touched by nobody
// else until Free says so.
func (p *Patient) Do(do func()) bool {
	if !p.Free() {
		return false
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	late := time.NewTimer(p.Within)
	defer late.Stop()
	select {
	case <-done:
		return true
	case <-late.C:
		p.hung = done
		return false
	}
}

// Free reports that nothing is running any more.
func (p *Patient) Free() bool {
	if p.hung == nil {
		return true
	}
	select {
	case <-p.hung:
		p.hung = nil
		return true
	default:
		return false
	}
}

// askFor is how long a disk may take where nothing else is said.
const askFor = time.Second

// Disk is one that may hang. While something that was asked of it is overdue it is asked nothing
// more. It is safe for concurrent use.
type Disk struct {
	// Patience is how long anything may take; a second by default.
	Patience time.Duration

	mu      sync.Mutex // guards overdue
	overdue int
}

// Hung reports that something is overdue.
func (d *Disk) Hung() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.overdue > 0
}

// Ask runs something that uses a disk and waits for it as long as the disk may take. What it returns
// too late goes to late, nil for nothing to give back.
func Ask[T any](d *Disk, do func() (T, error), late func(T)) (value T, err error) {
	if d.Hung() {
		return value, ErrHung
	}
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		v, err := do()
		done <- outcome{v, err}
	}()
	within := cmp.Or(d.Patience, askFor)
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.value, o.err
	case <-timer.C:
	}
	d.count(1)
	go func() {
		o := <-done
		d.count(-1)
		if o.err == nil && late != nil {
			late(o.value)
		}
	}()
	return value, fmt.Errorf("%w: nothing for %s", ErrHung, within)
}

func (d *Disk) count(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.overdue += n
}
