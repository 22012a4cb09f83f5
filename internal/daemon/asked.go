package daemon

import (
	"sync"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

// endsFor is how long a program may take to end after a signal of the keyboard.
const endsFor = 15 * time.Second

// asked knows which signals somebody has sent to the command through us.
type asked struct {
	mu sync.Mutex // guards everything below
	// signals are those that were passed on, toEnd is when the last one was that asks a program to
	// end, however it does that.
	signals map[syscall.Signal]bool
	toEnd   time.Time
}

func (a *asked) note(sig syscall.Signal, ends bool, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.signals == nil {
		a.signals = map[syscall.Signal]bool{}
	}
	a.signals[sig] = true
	if ends {
		a.toEnd = now
	}
}

// explains reports that a run ended because somebody asked for it: it died of a signal that we
// passed on, says so by its code as shells do, or ended soon after one that asks for that.
func (a *asked) explains(e heal.Exit, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.toEnd.IsZero() && now.Sub(a.toEnd) < endsFor {
		return true
	}
	sig := kernel.SignalByName(e.Signal)
	if e.Signal == "" {
		sig = syscall.Signal(e.Code - signalled)
	}
	return a.signals[sig]
}
