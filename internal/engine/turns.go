package engine

import (
	"time"

	"healer-sidecar/internal/heal"
)

// placeFor is how long a running agent that is taken away to be healed takes one of the places
// for that: one that ignores the stop signal for its whole grace keeps nobody else waiting.
const placeFor = time.Second

// place is what the gate must know to let running agents be healed a few at a time: how many are
// taken away now, how many have waited for longer than this one, and when its turn comes. Those
// that are unwell for longest come first.
func (c *Core) place(a *agent) (away, ahead int, turn heal.Stamp) {
	free := c.now.Add(placeFor)
	for _, since := range c.away {
		if at := since.Add(placeFor); at.Mono > c.now.Mono {
			away, free = away+1, free.Earlier(at)
		}
	}
	for _, name := range c.order {
		if other := c.agents[name]; other.waitsForPlace() && c.before(other, a) {
			ahead++
		}
	}
	places := c.host.Places(len(c.order))
	return away, ahead, free.Add(time.Duration(max(away+ahead-places, 0)/places) * placeFor)
}

// waitsForPlace reports that nothing but the places keeps the agent from being healed.
func (a *agent) waitsForPlace() bool {
	return a.inc != nil && a.inc.phase == delayed && a.inc.placeless
}

// before reports that one agent has been unwell for longer than another. Among those that failed
// at the same moment the order of their incidents decides, so that it is always the same.
func (c *Core) before(one, other *agent) bool {
	if one == other || other.inc == nil {
		return false
	}
	if at, than := one.inc.opened.Mono, other.inc.opened.Mono; at != than {
		return at < than
	}
	return one.inc.id < other.inc.id
}

// fillPlaces lets those go on that wait for a place, as far as there are any.
func (c *Core) fillPlaces() {
	for range c.order {
		var first *agent
		for _, name := range c.order {
			if a := c.agents[name]; a.waitsForPlace() && (first == nil || c.before(a, first)) {
				first = a
			}
		}
		if first == nil {
			return
		}
		if away, _, _ := c.place(first); away >= c.host.Places(len(c.order)) {
			return
		}
		c.plan(first)
		if first.waitsForPlace() {
			return
		}
	}
}
