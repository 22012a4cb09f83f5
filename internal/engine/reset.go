package engine

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// Starter says who started the sidecar. That decides which limits of an earlier one still
// hold; what was learned always does.
type Starter int

const (
	// Unattended: it started again after its own death, or a new program replaced it. All
	// holds, budgets and delays still hold: they must survive our death.
	Unattended Starter = iota
	// Operator: somebody started it on purpose. Budgets and delays begin again, and agents
	// that the sidecar itself held are tried again; what a person stopped, held or isolated
	// stays so.
	Operator
	// CommandLine: a person ran this very command. It starts, whatever was ordered before.
	CommandLine
)

// reset lifts the limits that earlier invocations left on an agent, and reports whether a
// hold was among them.
func (c *Core) reset(a *agent, by Starter) (lifted bool) {
	record := c.ledger.Agent(a.name)
	lifted = record.Hold != "" && (by == CommandLine || record.HeldByFailure())
	down := record.Down && by == CommandLine
	spent := len(record.Attempts) > 0 || record.Score > 0
	if by == Unattended || !lifted && !down && !spent {
		return false
	}
	why := "the sidecar was started by a person"
	if by == CommandLine {
		why = "a person ran the command"
	}
	c.emit(heal.Event{Kind: heal.EventReset, Agent: a.name, On: &lifted, Up: down, Note: why}, true)
	return lifted
}

// tryAgain lifts the hold on an agent that the sidecar itself held for its failure, because
// what it is started with has changed. It reports whether the agent may be started now.
func (c *Core) tryAgain(a *agent) bool {
	record := c.ledger.Agent(a.name)
	if record.Hold == "" {
		return true
	}
	if !record.HeldByFailure() {
		return false
	}
	lifted := true
	c.emit(heal.Event{Kind: heal.EventReset, Agent: a.name, On: &lifted, Note: "the policy changed how it is started"}, true)
	return true
}

// retryChanged: what an agent is started with has changed. One that was held for a bad
// configuration is tried again.
func (c *Core) retryChanged(a *agent, what string) {
	record := c.ledger.Agent(a.name)
	if a.running || record.Down || record.HeldFor != heal.ConfigurationError || a.flight != "" || a.job != nil {
		return
	}
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: incidentID(a), Note: what + " has changed: it is tried again"}, false)
	c.release(a)
}

// Held lists the agents that are held for a bad configuration, with the time since when.
func (c *Core) Held() map[string]heal.Stamp {
	held := map[string]heal.Stamp{}
	for _, name := range slices.Clone(c.order) {
		if r := c.ledger.Agent(name); r.Hold != "" && r.HeldFor == heal.ConfigurationError && !r.Down {
			held[name] = r.HeldAt
		}
	}
	return held
}
