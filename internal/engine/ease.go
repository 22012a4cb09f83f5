package engine

import (
	"time"

	"healer-sidecar/internal/engine/cascade"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// patience is how long a measure stays in force after it turned out, when it was eased,
// that it was needed: it must not swing.
const patience = 24 * time.Hour

// easing sets the time at which a measure that helped is eased, if one is in force.
func (c *Core) easing(a *agent) {
	if m, any := c.ledger.Agent(a.name).Measure(); any && a.inc == nil {
		c.wake(a, c.easeAt(a, m.Since, m.Needed))
	}
}

func (c *Core) easeAt(a *agent, since heal.Stamp, needed bool) heal.Stamp {
	wait := a.policy.EaseAfter
	if needed {
		wait = max(patience, wait)
	}
	at := since.Add(wait)
	if at.Mono < c.now.Mono {
		at = c.now.Add(time.Second)
	}
	return at
}

// wayBack reports that the primary of an alternative answers again.
func (c *Core) wayBack(a *agent, m ledger.Measure) bool {
	for _, w := range a.policy.Alternatives {
		if b := c.outside[w.Primary]; m.Strategy == heal.AlternativePath && w.Name == m.Name && w.Primary != "" {
			return b != nil && b.State == cascade.Closed
		}
	}
	return true
}

// ease takes the latest measure back by one step, after the agent was well for long.
func (c *Core) ease(a *agent) {
	record := c.ledger.Agent(a.name)
	m, any := record.Measure()
	if !any || record.Down {
		return
	}
	if at := c.easeAt(a, m.Since, m.Needed); at.Mono > c.now.Add(time.Second).Mono {
		c.wake(a, at)
		return
	}
	if !c.wayBack(a, m) || !a.running || c.ledger.Paused || record.Hold != "" || a.policy.Shadow || c.tight(a) || a.flight != "" || len(a.live) > 0 {
		c.wake(a, c.now.Add(a.policy.EaseAfter))
		return
	}
	if !a.asked && c.askSafe(a) {
		a.asked = true
		c.wake(a, c.now.Add(a.policy.AskFor))
		return
	}
	a.asked = false
	c.issue(a, heal.Attempt{
		Strategy: m.Strategy, Undo: true, Ease: true,
		Params: heal.Params{Steps: m.Steps - 1, Resource: m.Resource, Factor: a.policy.Throttle, Resume: a.policy.Resumes, Reason: "it has been well for long"},
	}, nil)
	c.easing(a)
}
