package supervisor

import "healer-sidecar/internal/heal"

// maxSurvivors bounds how many processes a status names.
const maxSurvivors = 20

// unwell are states of a leader in which nobody may call it running. Blocked is none
// of them: every read of a disk is that for a moment.
var unwell = map[string]bool{"stopped": true, "traced": true, "zombie": true}

func (u *unit) status() heal.ProcessStatus {
	s := heal.ProcessStatus{State: u.state.String(), LastExit: u.last}
	if u.process == nil {
		return s
	}
	fact := u.process.Fact()
	members := u.process.Describe()
	s.PID, s.Containment, s.Members, s.InForce = fact.PID, fact.Containment, len(members), u.process.InForce()
	switch {
	case u.frozen != "":
		s.State = "frozen"
		s.InForce = append(s.InForce, u.frozen)
	case u.state == running && len(members) > 0 && members[0].PID == fact.PID && unwell[members[0].State]:
		s.State = members[0].State
	case u.state != running:
		s.Survivors = members[:min(len(members), maxSurvivors)]
	}
	return s
}
