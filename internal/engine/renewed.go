package engine

import "healer-sidecar/internal/heal"

// renewed: the credentials of an agent have changed. One that is held because it had none
// that were good goes on.
func (c *Core) renewed(a *agent) {
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "its credentials have changed"}, false)
	if i := a.inc; i != nil && (i.phase == held || i.phase == slow) && i.diag != nil && i.diag.Cause == heal.Auth {
		c.release(a, a.name+".credentials."+i.id)
	}
}

// vacated: what something else had is free. An agent that waits for it is started at once.
func (c *Core) vacated(a *agent, incident string) {
	i := a.inc
	if i == nil || i.id != incident || a.running || i.diag == nil {
		return
	}
	switch i.phase {
	case delayed, blocked, slow:
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: i.id, Note: "what it could not have is free"}, false)
		i.answered = true
		c.plan(a)
	}
}
