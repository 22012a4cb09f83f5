package engine

import (
	"fmt"
	"slices"

	"healer-sidecar/internal/heal"
)

// unready names what an agent needs and cannot have yet; empty for nothing.
func (c *Core) unready(a *agent) string {
	for _, name := range a.policy.DependsOn {
		if down, outside := c.outside[name]; outside {
			if down != "" {
				return fmt.Sprintf("it depends on %s, which is down: %s", name, down)
			}
			continue
		}
		if other := c.agents[name]; other == nil || !other.ready {
			return fmt.Sprintf("it depends on %s, which is not ready", name)
		}
	}
	return ""
}

// ready lets those go on that waited for the agent. Those that run already are left
// alone when it may not be used any more: that is no failure of theirs.
func (c *Core) ready(a *agent, usable bool) {
	if a.ready = usable; !usable {
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "it is not ready any more"}, false)
		return
	}
	c.emit(heal.Event{Kind: heal.EventReady, Agent: a.name}, false)
	c.goOnWith(a.name)
}

// dependents counts the running agents that depend on one.
func (c *Core) dependents(a *agent) int {
	n := 0
	for _, other := range c.agents {
		if other.running && slices.Contains(other.policy.DependsOn, a.name) {
			n++
		}
	}
	return n
}

// absentWeight lets a dependency that is known to be down outweigh what the failure
// itself looks like.
const absentWeight = 1.2

// absent says which dependencies of an agent are down: that explains its failure.
func (c *Core) absent(a *agent) []heal.Vote {
	var votes []heal.Vote
	for _, name := range a.policy.DependsOn {
		if down := c.outside[name]; down != "" {
			votes = append(votes, heal.Vote{Type: heal.DependencyFailure, Weight: absentWeight, Why: fmt.Sprintf("dependency %s is down: %s", name, down)})
		}
	}
	return votes
}

// dependency notes whether something outside answers.
func (c *Core) dependency(m DependencySeen) {
	before, known := c.outside[m.Name]
	if c.outside[m.Name] = m.Down; known && (before == "") == (m.Down == "") {
		return
	}
	switch {
	case m.Down != "":
		c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("dependency %s is down: %s", m.Name, m.Down)}, false)
		return
	case known:
		c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("dependency %s is up again", m.Name)}, false)
	}
	c.goOnWith(m.Name)
}

// goOnWith lets agents go on that waited for what is there now.
func (c *Core) goOnWith(name string) {
	for _, n := range c.order {
		a := c.agents[n]
		if !slices.Contains(a.policy.DependsOn, name) || c.unready(a) != "" {
			continue
		}
		switch {
		case a.waiting:
			c.first(a)
		case a.inc != nil && (a.inc.phase == blocked || a.inc.phase == delayed && a.inc.plan.Strategy == heal.WaitAndRetry):
			a.inc.answered = true
			c.plan(a) // what was wrong is known: it must not be judged anew without it
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
