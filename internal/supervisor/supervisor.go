package supervisor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
)

// Supervisor holds one unit for each agent. Its methods are safe for concurrent
// use; each waits until the unit has done what was asked.
type Supervisor struct {
	spawner Spawner
	facts   Facts
	starts  starts
	// born takes the units of agents that come later.
	born  chan *unit
	ended chan struct{}

	mu    sync.RWMutex // guards units and order
	units map[string]*unit
	order []string
}

// New returns a supervisor; Run must be running for it to answer.
func New(agents []config.Agent, spawner Spawner, facts Facts) *Supervisor {
	s := &Supervisor{spawner: spawner, facts: facts, units: map[string]*unit{}, born: make(chan *unit), ended: make(chan struct{})}
	for _, a := range agents {
		s.units[a.Name] = newUnit(a, spawner, facts, &s.starts)
		s.order = append(s.order, a.Name)
	}
	return s
}

// Run serves all units until the context ends. It stops nothing: agents go on.
func (s *Supervisor) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, name := range s.names() {
		all.Go(func() { s.unit(name).serve(ctx) })
	}
	for {
		select {
		case u := <-s.born:
			all.Go(func() { u.serve(ctx) })
		case <-ctx.Done():
			close(s.ended)
			all.Wait()
			return
		}
	}
}

func (s *Supervisor) unit(agent string) *unit {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.units[agent]
}

func (s *Supervisor) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.order)
}

// Start starts a run and returns when the program is executed. An agent that is
// running already is left alone.
func (s *Supervisor) Start(ctx context.Context, agent string) error {
	return s.request(ctx, agent, request{ctx: ctx, want: wantStart})
}

// Stop ends the whole tree and returns when it is empty.
func (s *Supervisor) Stop(ctx context.Context, agent string) error {
	return s.StopBy(ctx, agent, 0)
}

// StopBy is Stop; a signal that is not 0 takes the place of the policy's, and nothing is
// drained before.
func (s *Supervisor) StopBy(ctx context.Context, agent string, sig syscall.Signal) error {
	return s.request(ctx, agent, request{ctx: ctx, want: wantStop, signal: sig})
}

// KillAll sends KILL to agents at once; the stops under way finish sooner.
func (s *Supervisor) KillAll(agents []string) {
	for _, agent := range agents {
		s.ask(agent, func(u *unit) {
			if u.process != nil {
				_ = u.process.Kill()
			}
		})
	}
}

// Freeze holds a running tree where it is and says by which means.
func (s *Supervisor) Freeze(agent string) (how string, err error) {
	s.ask(agent, func(u *unit) { how, err = u.freeze() })
	return how, err
}

// Thaw lets a tree go on that we, or a sidecar before us, have frozen.
func (s *Supervisor) Thaw(agent string) (err error) {
	s.ask(agent, func(u *unit) { err = u.thaw() })
	return err
}

// Continue lets those processes of a running tree go on that somebody else has stopped, and says
// which. A tree that we hold ourselves stays held.
func (s *Supervisor) Continue(agent string) (continued []string, err error) {
	s.ask(agent, func(u *unit) {
		if u.state == running && !u.held.Load() {
			continued, err = u.process.Continue()
		}
	})
	return continued, err
}

// Held are the agents whose processes we hold ourselves: what is stopped there is our doing.
func (s *Supervisor) Held() map[string]bool {
	all := map[string]bool{}
	for _, agent := range s.names() {
		if u := s.unit(agent); u != nil && u.held.Load() {
			all[agent] = true
		}
	}
	return all
}

// Limit puts a running tree under resource limits and says what is in force.
func (s *Supervisor) Limit(agent string, l cgroup.Limits) (string, error) {
	return s.change(agent, "limit", func(u *unit) (string, error) { return u.process.Limit(l) })
}

// Slow holds a running tree to percent of one core by weaker means than a cgroup.
func (s *Supervisor) Slow(agent string, percent float64) (string, error) {
	return s.change(agent, "slow down", func(u *unit) (string, error) {
		u.slowed = true
		return u.process.Slow(percent)
	})
}

// Lift takes back what Limit and Slow did; declared limits stay.
func (s *Supervisor) Lift(agent string) error {
	_, err := s.change(agent, "lift limits of", func(u *unit) (string, error) {
		u.slowed = false
		return "", u.process.Lift()
	})
	return err
}

func (s *Supervisor) change(agent, verb string, do func(*unit) (string, error)) (how string, err error) {
	err = fmt.Errorf("cannot %s %s: it is not running", verb, agent)
	s.ask(agent, func(u *unit) {
		if u.state == running {
			how, err = do(u)
		}
	})
	return how, err
}

// Dress puts on an agent what remedies ask for, from its next start on. A running one can
// read its mode at once.
func (s *Supervisor) Dress(agent string, d config.Overlays) (err error) {
	s.ask(agent, func(u *unit) {
		u.redress(d)
		err = u.spawner.Tell(agent, u.base.Mode(d))
	})
	return err
}

// Dressed is what an agent has on.
func (s *Supervisor) Dressed(agent string) (d config.Overlays) {
	s.ask(agent, func(u *unit) { d = u.dress })
	return d
}

// SignalAgent sends a signal to the leader of a running agent.
func (s *Supervisor) SignalAgent(agent string, sig syscall.Signal) error {
	_, err := s.change(agent, "signal", func(u *unit) (string, error) { return "", u.process.SignalLeader(sig) })
	return err
}

// Pass passes a signal on to what runs as an agent: to its leader, or to the whole group of that.
// It fails where nothing runs that could act on it.
func (s *Supervisor) Pass(agent string, sig syscall.Signal, group bool) error {
	_, err := s.change(agent, "signal", func(u *unit) (string, error) {
		switch {
		case u.frozen != "":
			return "", fmt.Errorf("cannot signal %s: it is frozen", agent)
		case group:
			return "", u.process.SignalGroup(sig)
		}
		return "", u.process.SignalLeader(sig)
	})
	return err
}

// Signal passes a signal on to the leaders of all agents.
func (s *Supervisor) Signal(sig syscall.Signal) {
	for _, agent := range s.names() {
		s.ask(agent, func(u *unit) {
			if u.process != nil {
				_ = u.process.SignalLeader(sig)
			}
		})
	}
}

// Members returns the living processes of every agent that runs.
func (s *Supervisor) Members() map[string][]procfs.Identity {
	all := map[string][]procfs.Identity{}
	for _, agent := range s.names() {
		s.ask(agent, func(u *unit) {
			if u.process != nil {
				all[agent] = u.process.Members()
			}
		})
	}
	return all
}

// PIDs lists the processes of every agent that runs, to look at them. Where a cgroup
// lists them, no unit is disturbed: this is asked every second.
func (s *Supervisor) PIDs() map[string][]int {
	names := s.names()
	all := make(map[string][]int, len(names))
	for _, agent := range names {
		u := s.unit(agent)
		if u == nil {
			continue
		}
		if cage := u.cage.Load(); cage != nil {
			all[agent] = cage.PIDs()
			continue
		}
		s.ask(agent, func(u *unit) {
			if u.process != nil {
				all[agent] = u.process.PIDs()
			}
		})
	}
	return all
}

// Status is the truth about the processes of an agent.
func (s *Supervisor) Status(agent string) (status heal.ProcessStatus) {
	s.ask(agent, func(u *unit) { status = u.status() })
	return status
}

// ask runs a function in the goroutine of the unit and waits for it.
func (s *Supervisor) ask(agent string, ask func(*unit)) {
	u := s.unit(agent)
	if u == nil {
		return
	}
	done := make(chan struct{})
	select {
	case u.queries <- func(u *unit) { ask(u); close(done) }:
		<-done
	case <-u.gone:
	}
}

func (s *Supervisor) request(ctx context.Context, agent string, r request) error {
	u := s.unit(agent)
	if u == nil {
		return fmt.Errorf("cannot find agent %q", agent)
	}
	r.reply = make(chan error, 1)
	select {
	case u.requests <- r:
	case <-u.gone:
		return context.Canceled
	}
	select {
	case err := <-r.reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-u.gone:
		return context.Canceled
	}
}
