package engine

import "healer-sidecar/internal/heal"

// dispatch hands a message to the part of the core that it concerns. What is about an agent
// that is not known any more is late and means nothing.
func (c *Core) dispatch(m Message) {
	switch m := m.(type) {
	case AttemptFinished:
		c.finished(m.Result)
	case TimerDue:
		switch a := c.agents[m.Agent]; {
		case a == nil:
		case m.Keep:
			c.dueKeep(a)
		case a.gen == m.Gen:
			c.due(a)
		}
	case Ordered:
		c.ordered(m)
	case Launch:
		c.launch(m)
	case DependencySeen:
		c.dependency(m)
	case Noted:
		c.emit(heal.Event{Kind: heal.EventNote, Agent: m.Agent, Note: m.Note}, false)
	case JournalState:
		c.journalState(m.Failure)
	case Swept:
		c.sweep(m)
	case Imported:
		c.importKnowledge(m.Told)
	case FleetSaid:
		c.fleetSaid(m.Answer)
	case PolicyReplaced:
		c.replace(m)
	default:
		c.seen(m)
	}
}

// journalState keeps whether the disk takes records, and tells of the change: supervision goes on
// without it, and who reads the journal later must know why there is a gap.
func (c *Core) journalState(failure string) {
	before := c.journalDown
	c.journalDown = failure
	switch {
	case before == "" && failure != "":
		c.emit(heal.Event{Kind: heal.EventNote, Note: "journal_degraded: supervision goes on without durable records: " + failure}, false)
	case before != "" && failure == "":
		c.emit(heal.Event{Kind: heal.EventNote, Note: "journal_restored: records are durable again"}, false)
	}
}

// seen takes what was observed of an agent.
func (c *Core) seen(m Message) {
	switch m := m.(type) {
	case SignalSeen:
		if a := c.agents[m.Signal.Agent]; a != nil {
			c.signal(a, m.Signal)
		}
	case Started:
		if a := c.agents[m.Agent]; a != nil {
			c.started(a, m)
		}
	case Exited:
		if a := c.agents[m.Agent]; a != nil {
			c.exited(a, m)
		} else {
			c.unknownAgentExit(m)
		}
	case Ready:
		if a := c.present(m.Agent, m.Run); a != nil && a.ready == m.Lost {
			c.ready(a, !m.Lost)
		}
	case RestartRequested:
		if a := c.present(m.Agent, m.Run); a != nil {
			c.restartRequested(a)
		}
	case SafePoint:
		if a := c.present(m.Agent, m.Run); a != nil {
			c.safePoint(a, m.Safe)
		}
	case Used:
		if a := c.agents[m.Agent]; a != nil {
			c.used(a, m.Usage)
		}
	case PortFreed:
		if a := c.agents[m.Agent]; a != nil {
			c.portFreed(a, m.Incident)
		}
	case ProgramBack:
		if a := c.agents[m.Agent]; a != nil {
			c.programBack(a, m)
		}
	case Changed:
		if a := c.agents[m.Agent]; a != nil {
			c.retryChanged(a, m.What)
		}
	case CredentialsChanged:
		if a := c.agents[m.Agent]; a != nil {
			c.credentialsChanged(a)
		}
	}
}

// present is an agent whose present run is this one; nil for any other.
func (c *Core) present(name string, run int) *agent {
	if a := c.agents[name]; a != nil && a.running && a.runs == run {
		return a
	}
	return nil
}
