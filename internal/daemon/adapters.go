package daemon

import (
	"context"
	"fmt"
	"strings"

	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
)

// facts passes what the supervisor says to the agent's detector, which reads the
// output to its end before it passes an exit on.
type facts struct {
	ctx      context.Context
	observer func(agent string) *detect.Agent
	note     func(agent, note string)
}

func (f *facts) Succeeded(agent string, to heal.Member) {
	f.note(agent, fmt.Sprintf("handed over: process %d %s goes on in its place, and is followed", to.PID, to.Name))
}

func (f *facts) Left(agent string, members []heal.Member) {
	names := []string{}
	for _, m := range members[:min(len(members), maxNamed)] {
		names = append(names, fmt.Sprintf("%d %s (%s)", m.PID, m.Name, m.State))
	}
	f.note(agent, fmt.Sprintf("%d processes outlived their leader and are ended: %s", len(members), strings.Join(names, ", ")))
}

// maxNamed bounds how many processes a note names.
const maxNamed = 10

func (f *facts) Started(agent string, run heal.RunFact) { f.observer(agent).Started(f.ctx, run) }

func (f *facts) Exited(agent string, run int, exit heal.Exit, ordered bool) {
	f.observer(agent).Exited(f.ctx, run, exit, ordered)
}

// sink passes what the detectors say to the engine.
type sink struct {
	ctx  context.Context
	post func(context.Context, engine.Message)
	// used takes in what an agent says that it used.
	used func(agent string, u heal.Usage)
	// final says that a run which has ended is the last one, and why, where a person should know.
	final func(heal.Exit) (last bool, why string)
}

func (s *sink) Signal(signal heal.Signal) { s.post(s.ctx, engine.SignalSeen{Signal: signal}) }

func (s *sink) Started(agent string, run heal.RunFact) {
	s.post(s.ctx, engine.Started{Agent: agent, Run: run})
}

func (s *sink) Noted(agent, note string) {
	s.post(s.ctx, engine.Noted{Agent: agent, Note: note})
}

func (s *sink) Wished(agent string, run int) {
	s.post(s.ctx, engine.RestartRequested{Agent: agent, Run: run})
}

func (s *sink) Used(agent string, u heal.Usage) { s.used(agent, u) }

func (s *sink) SafePoint(agent string, run int, safe bool) {
	s.post(s.ctx, engine.SafePoint{Agent: agent, Run: run, Safe: safe})
}

func (s *sink) Ready(agent string, run int, usable bool) {
	s.post(s.ctx, engine.Ready{Agent: agent, Run: run, Lost: !usable})
}

func (s *sink) Exited(agent string, exit heal.Exit, ordered bool, failure *heal.Signal) {
	if failure != nil {
		last, why := s.final(exit)
		if why != "" {
			s.Noted(agent, why)
		}
		if last {
			failure = nil
		}
	}
	s.post(s.ctx, engine.Exited{Agent: agent, Exit: exit, Ordered: ordered, Signal: failure})
}
