package engine

import (
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
)

// ask lets a person decide on the plan. Without an answer in time it is not carried out.
func (c *Core) ask(a *agent, until heal.Stamp) {
	i := a.inc
	s := i.plan.Strategy
	if i.answers == nil {
		i.answers = map[heal.Strategy]heal.Answer{}
	}
	i.phase = asking
	if _, before := i.answers[s]; !before {
		i.answers[s] = heal.Answer{Until: until}
		why := fmt.Sprintf("may %s be done to %s? healer-sidecar approve %s within %s", s, a.name, i.id, until.Sub(c.now).Round(time.Second))
		c.emit(heal.Event{Kind: heal.EventAsked, Agent: a.name, Incident: i.id, Note: why}, true)
		c.tellWith(a, heal.Params{Reason: why})
	}
	c.wake(a, i.answers[s].Until)
}

// answered takes a person's word on an incident: an answer to what was asked, or that the
// person knows of it.
func (c *Core) answered(o heal.Order) {
	a := c.with(o.Incident)
	switch {
	case a == nil:
	case o.Command == heal.CommandAck:
		a.inc.acked = true
	case a.inc.phase == asking:
		s := a.inc.plan.Strategy
		answer := a.inc.answers[s]
		answer.Given, answer.Refused = o.Command == heal.CommandApprove, o.Command == heal.CommandRefuse
		a.inc.answers[s] = answer
		c.plan(a)
	}
}

// with finds the agent of an open incident; nil for none.
func (c *Core) with(incident string) *agent {
	for _, name := range c.order {
		if a := c.agents[name]; a.inc != nil && a.inc.id == incident {
			return a
		}
	}
	return nil
}

// Open reports whether an incident is open, and whether a person is asked about it.
func (c *Core) Open(incident string) (open, asks bool) {
	a := c.with(incident)
	return a != nil, a != nil && a.inc.phase == asking
}
