package cascade

import "time"

// State is that of a breaker.
type State string

// The states: Closed lets everything through, Open nothing, HalfOpen one at a time to see
// whether it holds.
const (
	Closed   State = "closed"
	Open     State = "open"
	HalfOpen State = "half_open"
)

// Constants of the breaker (ENGINE.md 2.12).
const (
	// firstHold is how long something that came back must hold before all go on with it,
	// when it went away again soon after it had come back; each time that doubles, up to
	// longestHold.
	firstHold, longestHold = 5 * time.Second, time.Minute
	// steadyFor is how long it must have held to be trusted as before.
	steadyFor = 5 * time.Minute
)

// Breaker stands between agents and something that they need.
type Breaker struct {
	State State
	// Why it is open.
	Why string
	// Since is when it came into its state, trips how often it opened without having held.
	Since time.Duration
	trips int
}

// Seen takes in whether it answers; why is empty when it does. It reports whether the
// state changed.
func (b *Breaker) Seen(now time.Duration, why string) bool {
	before := b.State
	switch {
	case why != "" && b.State != Open:
		if b.State == HalfOpen || b.State == Closed && now-b.Since < steadyFor {
			b.trips++
		} else {
			b.trips = 0
		}
		b.State, b.Since = Open, now
	case why == "" && b.State == Open:
		b.State, b.Since = HalfOpen, now
	case why == "" && b.State == "":
		b.State, b.Since = Closed, now-steadyFor
	}
	b.Why = why
	return b.State != before
}

// Hold is how long it must hold before all go on with it.
func (b *Breaker) Hold() time.Duration {
	if b.trips == 0 {
		return 0
	}
	return min(firstHold<<min(b.trips-1, 10), longestHold)
}

// Held closes a half-open breaker that has held long enough, and reports whether it did.
func (b *Breaker) Held(now time.Duration) bool {
	if b.State != HalfOpen || now-b.Since < b.Hold() {
		return false
	}
	b.State, b.Since = Closed, now
	return true
}
