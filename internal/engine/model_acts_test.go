package engine

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// deed is what an attempt does to a process.
type deed int

const (
	nothing deed = iota
	starts
	stops
	restarts
)

// deedOf is what the executor does for an attempt, as internal/actions does it.
func deedOf(a heal.Attempt) deed {
	switch a.Task {
	case heal.TaskLaunch, heal.TaskPlanned, heal.TaskStart, heal.TaskRelease:
		return starts
	case heal.TaskStop:
		return stops
	case heal.TaskRestart, heal.TaskRestore:
		return restarts
	case "":
	default:
		return nothing
	}
	switch {
	case a.Strategy == heal.Escalate, a.Strategy == heal.Isolate:
		return nothing
	case a.Strategy.OnlyRuns():
		return starts
	case a.Strategy == heal.Reconfigure && a.Params.Resource != "":
		return nothing // live limits
	}
	return restarts
}

// perform carries an attempt out and returns what went wrong; tell hears what happens.
func (m *model) perform(a heal.Attempt, tell func(Message)) string {
	if m.cancelled[a.ID] {
		return "called off"
	}
	does := deedOf(a)
	p := m.procs[a.Agent]
	fails := !m.gentle && m.rng.IntN(8) == 0
	if fails && m.rng.IntN(2) == 0 {
		return "it could not be done"
	}
	if p.running && (does == stops || does == restarts) {
		m.ended(a.Agent, heal.Exit{Signal: "SIGTERM"}, true, tell)
	}
	if fails {
		return "unkillable: a process survived" // half of it is done
	}
	if !p.running && (does == starts || does == restarts) {
		return m.begin(a.Agent, tell)
	}
	return ""
}

// begin starts a run; now and then that cannot be done.
func (m *model) begin(agent string, tell func(Message)) string {
	p := m.procs[agent]
	if !m.gentle && m.rng.IntN(12) == 0 {
		m.ended(agent, heal.Exit{Errno: "ENOENT"}, false, tell)
		return "cannot execute"
	}
	m.ids++
	p.run = heal.RunFact{Run: p.run.Run + 1, ID: fmt.Sprintf("%s-%d", agent, m.ids), PID: 1000 + m.ids}
	p.running, p.finished = true, false
	tell(Started{Agent: agent, Run: p.run})
	return ""
}
