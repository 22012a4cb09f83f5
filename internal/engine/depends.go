package engine

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/engine/cascade"
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// unready names what an agent needs and cannot have yet; empty for nothing.
func (c *Core) unready(a *agent) string {
	for _, name := range a.policy.DependsOn {
		if b, outside := c.outside[name]; outside {
			switch {
			case b.State == cascade.Open:
				return fmt.Sprintf("it depends on %s, which is down: %s", name, b.Why)
			case b.State == cascade.HalfOpen && c.trial[name] != a.name:
				return fmt.Sprintf("it depends on %s, which is up again and has to hold first", name)
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

// returned reports that something outside that the agent needs came back during the
// incident, and the remedy was not to wait for it.
func (c *Core) returned(a *agent) bool {
	if a.inc.attempt.Strategy == heal.WaitAndRetry {
		return false
	}
	return slices.ContainsFunc(a.policy.DependsOn, func(name string) bool {
		b := c.outside[name]
		return b != nil && b.State != cascade.Open && b.Since >= a.inc.opened.Mono
	})
}

// dependents counts the running agents that depend on one.
func (c *Core) dependents(a *agent) int {
	n := 0
	for _, name := range c.needed[a.name] {
		if c.agents[name].running {
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
		if b := c.outside[name]; b != nil && b.State == cascade.Open {
			votes = append(votes, heal.Vote{Type: heal.DependencyFailure, Weight: absentWeight, Why: fmt.Sprintf("dependency %s is down: %s", name, b.Why)})
		}
	}
	return votes
}

// dependency notes whether something outside answers.
func (c *Core) dependency(m DependencySeen) {
	b := c.outside[m.Name]
	if b == nil {
		b = &cascade.Breaker{}
		c.outside[m.Name] = b
	}
	known := b.State != ""
	if !b.Seen(c.now.Mono, m.Down) {
		return
	}
	switch {
	case b.State == cascade.Open:
		c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("dependency %s is down: %s", m.Name, m.Down)}, false)
	case !known:
		c.goOnWith(m.Name)
	case !c.held(m.Name, b):
		c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("dependency %s is up again, as so often: one agent tries it, the others wait until it has held for %s", m.Name, b.Hold())}, false)
		c.tryWith(m.Name)
	}
}

// held lets everybody go on with something outside that has held long enough.
func (c *Core) held(name string, b *cascade.Breaker) bool {
	if !b.Held(c.now.Mono) {
		return false
	}
	c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("dependency %s is up again", name)}, false)
	delete(c.trial, name)
	c.goOnWith(name)
	return true
}

// tryWith lets the first agent that waits for something outside try it.
func (c *Core) tryWith(name string) {
	for _, n := range c.needed[name] {
		a := c.agents[n]
		if c.trial[name] = n; (a.waiting || a.stuck()) && c.unready(a) == "" {
			c.goOn([]*agent{a})
			return
		}
	}
	delete(c.trial, name)
}

// stuck reports that an agent's incident waits for something that it needs.
func (a *agent) stuck() bool {
	return a.inc != nil && (a.inc.phase == blocked || a.inc.phase == delayed && a.inc.plan.Strategy == heal.WaitAndRetry)
}

// goOnWith lets agents go on that waited for what is there now.
func (c *Core) goOnWith(name string) {
	var list []*agent
	for _, n := range c.needed[name] {
		if a := c.agents[n]; (a.waiting || a.stuck()) && c.unready(a) == "" {
			list = append(list, a)
		}
	}
	c.goOn(list)
}

const (
	// spacing lies between agents that go on one after the other (ENGINE.md 2.12), wholeSpan
	// is how long the last of them waits at most: few of them make no herd.
	spacing, wholeSpan = 2 * time.Second, 5 * time.Second
)

// goOn lets agents go on: first starts and the first of the others at once, the rest one
// by one.
func (c *Core) goOn(list []*agent) {
	var stuck []*agent
	for _, a := range list {
		if a.waiting {
			c.first(a)
		} else {
			stuck = append(stuck, a)
		}
	}
	gap := spacing
	if n := len(stuck); n > 1 {
		gap = min(spacing, wholeSpan/time.Duration(n))
	}
	for i, a := range stuck {
		a.inc.dependencyBack = true
		turn := time.Duration(float64(i) * float64(gap) * plan.Jitter(a.inc.id))
		switch {
		case a.running: // it may get well now without anything being done
			c.wake(a, c.now.Add(turn+min(a.policy.VerifyFor, wellWithin)))
		case i == 0:
			c.plan(a) // what was wrong is known: it must not be judged anew without it
		default:
			c.wake(a, c.now.Add(turn))
		}
	}
}

// wellWithin is how long an agent that runs has to get well when what it waited for is there.
const wellWithin = 10 * time.Second

// first is the first start of an agent, once all that it depends on is ready.
func (c *Core) first(a *agent) {
	record := c.ledger.Agent(a.name)
	if a.running || record.Down || record.Hold != "" {
		a.waiting = false
		return
	}
	if a.waiting = c.unready(a) != ""; !a.waiting {
		if a.inc != nil {
			c.close(a, heal.OutcomeUnknown, "it was seen before the agent was started")
		}
		c.enlist(a, job{task: heal.TaskLaunch, beside: true})
	}
}

// setNeeded notes who depends on whom, in the order of the policy.
func (c *Core) setNeeded() {
	c.needed = map[string][]string{}
	for _, name := range c.order {
		for _, need := range c.agents[name].policy.DependsOn {
			if !slices.Contains(c.needed[need], name) {
				c.needed[need] = append(c.needed[need], name)
			}
		}
	}
}
