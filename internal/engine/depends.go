package engine

import (
	"fmt"
	"slices"

	"healer-sidecar/internal/heal"
)

// unready names what an agent needs and cannot have yet; empty for nothing.
func (c *Core) unready(a *agent) string {
	for _, name := range a.policy.DependsOn {
		if other := c.agents[name]; other == nil || !other.ready {
			return fmt.Sprintf("it depends on %s, which is not ready", name)
		}
	}
	return ""
}

// ready lets those go on that waited for the agent.
func (c *Core) ready(a *agent) {
	a.ready = true
	c.emit(heal.Event{Kind: heal.EventReady, Agent: a.name}, false)
	for _, name := range c.order {
		other := c.agents[name]
		if !slices.Contains(other.policy.DependsOn, a.name) || c.unready(other) != "" {
			continue
		}
		switch {
		case other.waiting:
			c.first(other)
		case other.inc != nil && other.inc.phase == blocked:
			other.inc.answered = true
			c.decide(other)
		}
	}
}

// first is the first start of an agent, once all that it depends on is ready.
func (c *Core) first(a *agent) {
	record := c.ledger.Agent(a.name)
	if a.running || record.Down || record.Hold != "" {
		a.waiting = false
		return
	}
	if a.waiting = c.unready(a) != ""; !a.waiting {
		c.command(a, heal.CommandLaunch, a.name+".launch")
	}
}
