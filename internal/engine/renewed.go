package engine

import (
	"cmp"
	"time"

	"healer-sidecar/internal/heal"
)

// renewedAgain is the least time between two starts that renewed credentials bring forward: an
// agent may write them itself, and fail all the same.
const renewedAgain = time.Minute

// credentialsChanged: the credentials of an agent have changed. One that failed for want of them is tried
// again at once.
func (c *Core) credentialsChanged(a *agent) {
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "its credentials have changed"}, false)
	i := a.inc
	if i == nil || i.diag == nil || i.diag.Cause != heal.Auth {
		return
	}
	switch i.phase {
	case held, slow:
		c.release(a)
	case delayed:
		if !a.running && (i.renewed.IsZero() || c.now.Sub(i.renewed) >= renewedAgain) {
			i.renewed, i.dependencyBack = c.now, true
			c.plan(a)
		}
	}
}

// portFreed: what something else had is free. An agent that waits for it is started at once.
func (c *Core) portFreed(a *agent, incident string) {
	i := a.inc
	if i == nil || i.id != incident || a.running || i.diag == nil {
		return
	}
	switch i.phase {
	case delayed, blocked, slow:
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: i.id, Note: "what it could not have is free"}, false)
		i.dependencyBack = true
		c.plan(a)
	}
}

// programBack: what could not be executed is there, or a file that the agent missed. An agent that is down for want of it is started,
// and the incident is verified like after any remedy.
func (c *Core) programBack(a *agent, m ProgramBack) {
	i := a.inc
	if i == nil || i.id != m.Incident || a.running || c.ledger.Agent(a.name).Down {
		return
	}
	switch i.phase {
	case held, slow, delayed, gaveUp:
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: i.id, Note: cmp.Or(m.What, "its program") + " is there again"}, false)
		c.release(a)
	case acting:
		i.returned = i.attempt.Strategy == heal.Escalate
	}
}
