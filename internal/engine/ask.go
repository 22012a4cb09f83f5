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
		c.tell(a, why)
	}
	c.wake(a, i.answers[s].Until)
}

// answered takes a person's word on what was asked.
func (c *Core) answered(o heal.Order) {
	a := c.asks(o.Incident)
	if a == nil {
		return
	}
	i := a.inc
	answer := i.answers[i.plan.Strategy]
	answer.Given, answer.Refused = o.Command == heal.CommandApprove, o.Command == heal.CommandRefuse
	i.answers[i.plan.Strategy] = answer
	c.plan(a)
}

// asks finds the agent of an incident for which a person is asked; nil for none.
func (c *Core) asks(incident string) *agent {
	for _, name := range c.order {
		if a := c.agents[name]; a.inc != nil && a.inc.id == incident && a.inc.phase == asking {
			return a
		}
	}
	return nil
}

// Asks reports whether a person is asked for an incident.
func (c *Core) Asks(incident string) bool { return c.asks(incident) != nil }
