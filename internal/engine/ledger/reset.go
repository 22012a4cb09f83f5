package ledger

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// hold folds what holds an agent, or ends that.
func (l *Ledger) hold(e heal.Event) {
	switch e.Kind {
	case heal.EventHeld:
		l.Agent(e.Agent).held(e)
	case heal.EventReset:
		l.reset(e)
	default:
		l.Agent(e.Agent).free()
	}
}

// held notes that an agent is held. A hold that belongs to an incident is the sidecar's own.
func (a *Agent) held(e heal.Event) {
	a.Hold, a.HeldFor, a.HeldAt, a.HeldBySpend = e.Note, "", e.At, e.Spend != nil
	if e.Incident != "" && a.Open != nil && a.Open.Diag != nil {
		a.HeldFor = a.Open.Diag.Treated()
		if t := a.Open.Attempt; t != nil && t.Strategy == heal.Isolate {
			a.HeldFor = heal.SafetyViolation // whatever it was: it was cut off, and no start undoes that
		}
	}
}

func (a *Agent) free() {
	a.Hold, a.HeldFor, a.HeldAt, a.HeldBySpend = "", "", heal.Stamp{}, false
}

// HeldByFailure reports that the sidecar holds the agent for a failure that another start may
// have mended: not for what the agent must not do.
func (a *Agent) HeldByFailure() bool {
	return a.HeldFor != "" && a.HeldFor != heal.SafetyViolation && !a.HeldBySpend
}

// reset forgets the limits of earlier invocations. What was learned stays.
func (l *Ledger) reset(e heal.Event) {
	a := l.Agent(e.Agent)
	if e.On != nil && *e.On {
		a.free()
	}
	if e.Up {
		a.Down = false
	}
	l.refill(e.Agent)
}

// refill gives an agent its whole budget again, and no delay: a person is at it.
func (l *Ledger) refill(agent string) {
	a := l.Agent(agent)
	a.Attempts, a.Score = nil, 0
	l.Starts = slices.DeleteFunc(l.Starts, func(s Start) bool { return s.Agent == agent })
}
