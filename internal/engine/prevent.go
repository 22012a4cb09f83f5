package engine

import (
	"time"

	"healer-sidecar/internal/heal"
)

// longestSafe bounds how long a point is waited for at which an interruption costs little.
const longestSafe = 10 * time.Minute

// foresee takes a forecast in. People see it; where the policy consents and it is urgent,
// it becomes a plan.
func (c *Core) foresee(a *agent, s heal.Signal) {
	a.foreseen[s.Detector] = s
	if !s.Urgent || s.Vote == nil || len(a.policy.Prevent.Strategies) == 0 || a.inc != nil || !a.running || c.ledger.Agent(a.name).Down {
		return
	}
	wait := min(s.Left/2, longestSafe)
	if asked := c.askSafe(a); asked {
		wait = min(wait, a.policy.AskFor)
	}
	a.inc = &incident{id: c.newID(a), opened: c.now, tried: map[heal.Strategy]int{}, preventive: true, safeUntil: c.now.Add(wait)}
	a.inc.add(s)
	c.emit(heal.Event{Kind: heal.EventOpened, Agent: a.name, Incident: a.inc.id, Note: "foretold: " + s.Text}, false)
	c.decide(a)
}

// withdrawn: what was foretold will not be.
func (c *Core) withdrawn(a *agent, detector string) {
	if i := a.inc; i != nil && i.preventive && i.signals[0].Detector == detector && (i.phase == delayed || i.phase == blocked || i.phase == asking) {
		c.close(a, heal.OutcomeUnknown, "the forecast was withdrawn; nothing was done")
	}
}

// askSafe asks an agent for a point at which it may be interrupted, if it can be asked and
// is not at one now.
func (c *Core) askSafe(a *agent) bool {
	if a.policy.AskFor == 0 || a.safe {
		return false
	}
	c.issue(a, heal.Attempt{Task: heal.TaskAskSafePoint}, nil)
	return true
}

// safePoint notes whether the agent can be interrupted now.
func (c *Core) safePoint(a *agent, safe bool) {
	a.safe = safe
	switch i := a.inc; {
	case !safe:
	case i == nil && a.asked:
		c.ease(a)
	case i != nil && i.preventive && i.phase == delayed:
		c.plan(a)
	}
}

// happened: while it was to be prevented, it came. It reports whether the plan was made
// anew for that.
func (c *Core) happened(a *agent) bool {
	i := a.inc
	if !i.preventive {
		return false
	}
	i.preventive = false
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: i.id, Note: "it failed before it could be prevented"}, false)
	if i.phase != delayed && i.phase != blocked && i.phase != asking {
		return false
	}
	c.decide(a)
	return true
}
