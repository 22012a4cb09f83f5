package engine

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// neverWorked reports that a probe fails which was never answered well: then nobody knows whether
// the agent is unwell or the probe asks for something that is not there. That is a matter of the
// policy. One notice is sent, with what the probe itself said, and nothing is done to the agent;
// until it works, it proves nothing either.
func (c *Core) neverWorked(a *agent, s heal.Signal) bool {
	if s.Probe == "" || slices.Contains(c.ledger.Agent(a.name).Proven, s.Probe) {
		return false
	}
	why := s.Detector + " has never been answered well; nothing is restarted for it, look at the policy: " + s.Text
	s.State, s.Text = heal.StateUnknown, why
	a.blind[s.Detector] = s
	if slices.Contains(a.unprovenTold, s.Probe) {
		return true
	}
	a.unprovenTold = append(a.unprovenTold, s.Probe)
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "probe_never_worked: " + why}, false)
	c.issue(a, heal.Attempt{Task: heal.TaskNotify, Params: heal.Params{Reason: why}}, nil)
	return true
}
