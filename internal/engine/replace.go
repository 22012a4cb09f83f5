package engine

import (
	"reflect"
	"slices"

	"healer-sidecar/internal/heal"
)

// replace swaps what the operator allows. Agents that are not named any more are let
// go, new ones begin, and of the others only those are restarted whose way of being
// started has changed.
func (c *Core) replace(m PolicyReplaced) {
	c.emit(heal.Event{Kind: heal.EventPolicy, Note: m.Note}, true)
	for _, name := range slices.Clone(c.order) {
		if !slices.ContainsFunc(m.Agents, func(p heal.Policy) bool { return p.Agent == name }) {
			c.drop(name)
		}
	}
	c.host = m.Host
	changed := c.changed(m.Agents)
	fresh := slices.DeleteFunc(slices.Clone(m.Agents), func(p heal.Policy) bool { return c.agents[p.Agent] != nil })
	c.setAgents(m.Agents)
	for _, p := range m.Agents {
		a := c.agents[p.Agent]
		if a.running {
			c.keepLater(a, p.SnapshotAfter)
		}
		if i := a.inc; i != nil && changed[p.Agent] && (i.phase == slow || i.phase == blocked) { // more may be allowed now
			c.wake(a, c.now)
		}
	}
	for _, name := range m.Renewed {
		c.renew(c.agents[name])
	}
	for _, p := range fresh {
		c.begin(c.agents[p.Agent], m.Found[p.Agent], Operator)
	}
}

// changed are the known agents whose policy is different now.
func (c *Core) changed(policies []heal.Policy) map[string]bool {
	all := map[string]bool{}
	for _, p := range policies {
		if a := c.agents[p.Agent]; a != nil {
			all[p.Agent] = !reflect.DeepEqual(a.policy, p)
		}
	}
	return all
}

// drop forgets an agent; what runs of it is ended by whoever replaced the policy.
func (c *Core) drop(name string) {
	a := c.agents[name]
	if a.flight != "" {
		c.do(Cancel{Attempt: a.flight})
	}
	for _, j := range a.queue {
		c.refuseJob(j, "the agent was taken out of the policy")
	}
	if a.queue = nil; a.inc != nil {
		c.close(a, heal.OutcomeUnknown, "the agent was taken out of the policy")
	}
	delete(c.agents, name)
	c.order = slices.DeleteFunc(c.order, func(n string) bool { return n == name })
	c.setNeeded()
}

// renew starts an agent as the policy says now. One that a person wants down or
// holds, or that is isolated, stays as it is; one that is held for its failure is tried again.
func (c *Core) renew(a *agent) {
	if c.ledger.Agent(a.name).Down || a.waiting || !c.tryAgain(a) {
		return
	}
	a.done = false
	c.enlist(a, job{task: heal.TaskRestart, why: "the policy changed how the agent is started"})
}

// unknownAgentExit is the end of an agent that is not in the policy any more.
func (c *Core) unknownAgentExit(m Exited) {
	if c.ledger.Agent(m.Agent).Run == nil {
		return
	}
	exit := m.Exit
	c.emit(heal.Event{Kind: heal.EventExited, Agent: m.Agent, Exit: &exit, Note: "it was taken out of the policy"}, true)
}
