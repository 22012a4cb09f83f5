package daemon

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// shutDown ends all agents, politely at first; a second signal ends the
// politeness.
func (s *sidecar) shutDown(sig syscall.Signal) Ending {
	first := syscall.Signal(0)
	if s.options.Wrapped && sig == syscall.SIGINT {
		first = sig // a program on a terminal expects what the keyboard sends
	}
	stopped, done := make(chan error, 1), make(chan struct{})
	defer close(done)
	if managed() && sig != replaced {
		go stoppingManager(done)
	}
	going := s.leaving(sig)
	s.going = going
	patience, lose := context.WithCancel(context.Background())
	defer lose()
	go func() { stopped <- s.stopInOrder(patience, going, first) }()
	var err error
	for waiting := true; waiting; {
		select {
		case err = <-stopped:
			waiting = false
		case again := <-s.options.Signals:
			if n, _ := again.(syscall.Signal); s.ends(n) {
				lose()
				s.units.KillAll(going)
			}
		}
	}
	if err != nil {
		s.log.Error("not everything could be ended", "cause", err)
	}
	s.recordEnds(sig != 0 && sig != replaced)
	s.finishStreams()
	if s.log.Plain && !s.silent.Load() && !s.tally.untouched() {
		s.log.Say(s.tally.String())
		if !s.state.temporary {
			s.log.Say("Details: healer-sidecar explain --state-dir " + shellWord(s.state.dir))
		}
	}
	switch {
	case sig == replaced:
		return Ending{Replace: self}
	case sig != 0 && !s.options.Wrapped:
		return Ending{}
	}
	ending := Ending{Code: s.progress.code()}
	if s.options.Wrapped {
		ending.Signal = s.progress.signal()
	}
	return ending
}

// stopInOrder ends agents before those that they depend on.
func (s *sidecar) stopInOrder(patience context.Context, going []string, first syscall.Signal) error {
	var failed error
	for _, wave := range config.StopOrder(s.registry.policies()) {
		wave = slices.DeleteFunc(wave, func(name string) bool { return !slices.Contains(going, name) })
		errs := make([]error, len(wave))
		var all sync.WaitGroup
		for i, name := range wave {
			all.Go(func() { errs[i] = s.runner.End(patience, name, first) })
		}
		all.Wait()
		failed = errors.Join(failed, errors.Join(errs...))
	}
	return failed
}

// leaving are the agents that end with us: all of them when they have finished or a
// person at the terminal says so, else those that are not to be kept.
func (s *sidecar) leaving(sig syscall.Signal) []string {
	var names []string
	for _, a := range s.registry.all() {
		if a.Agent.Attach == nil && sig != replaced && (!s.keeps(a.Agent) || sig == syscall.SIGINT || sig == 0) {
			names = append(names, a.Agent.Name)
		}
	}
	return names
}

// keeps reports that an agent goes on when we are told to end by SIGTERM. Without a
// word in the policy that is so for a service: it is ended to be started again.
func (s *sidecar) keeps(a config.Agent) bool {
	return a.OnSidecarExit == config.Keep || a.OnSidecarExit == "" && !s.options.Wrapped && service()
}

// anyLeft reports that an agent runs on without us.
func (s *sidecar) anyLeft() bool {
	return len(s.registry.all()) > len(s.going)
}

// recordEnds writes down how the runs ended that the engine did not see end, and whether we
// were told to end.
func (s *sidecar) recordEnds(told bool) {
	var events []heal.Event
	for _, a := range s.registry.all() {
		name := a.Agent.Name
		status := s.units.Status(name)
		// One that we never had a hold of may live on: nobody may call it ended.
		if status.State != "down" || status.LastExit == nil {
			continue
		}
		exit := heal.Event{Kind: heal.EventExited, Agent: name, Exit: status.LastExit, Note: "the sidecar ended"}
		s.progress.note(exit) // also of one whose start the engine did not come to record
		if s.state.ledger.Agent(name).Run != nil {
			events = append(events, exit)
		}
	}
	events = append(events, heal.Event{Kind: heal.EventSidecarStopped, On: &told})
	if err := s.state.append(events...); err != nil {
		s.log.Warn("the end was not recorded", "cause", err)
	}
}
