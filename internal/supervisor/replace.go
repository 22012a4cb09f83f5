package supervisor

import (
	"context"
	"slices"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// Put takes a new agent in, or tells the unit of a known one what its policy says
// now. Nothing that runs is touched: it counts from the next start.
func (s *Supervisor) Put(a config.Agent) {
	if s.unit(a.Name) != nil {
		s.ask(a.Name, func(u *unit) { u.adjust(a) })
		return
	}
	u := newUnit(a, s.spawner, s.facts, &s.starts)
	select {
	case s.born <- u:
	case <-s.ended:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units[a.Name] = u
	s.order = append(s.order, a.Name)
}

// Remove lets an agent go: its tree is ended, or left as it was found where it was
// attached to. A tree that cannot be ended stays known.
func (s *Supervisor) Remove(ctx context.Context, agent string) error {
	attached := false
	s.ask(agent, func(u *unit) {
		if attached = u.agent.Attach != nil; attached {
			u.detach()
		}
	})
	if !attached {
		if err := s.Stop(ctx, agent); err != nil {
			return err
		}
	}
	s.ask(agent, func(u *unit) { u.retired = true })
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.units, agent)
	s.order = slices.DeleteFunc(s.order, func(name string) bool { return name == agent })
	return nil
}

// adjust takes a new policy. What was made ready for the next run belongs to the
// old one.
func (u *unit) adjust(a config.Agent) {
	u.base = a
	u.redress(u.dress)
}

// redress puts on what remedies ask for. It counts from the next start.
func (u *unit) redress(d config.Overlays) {
	u.dress, u.agent = d, u.base.Dressed(d)
	if u.berth != nil {
		u.berth.Discard()
		u.berth = nil
		u.ready.Reset(prepareAfter)
	}
}

// detach lets go of a process that something else has started.
func (u *unit) detach() {
	if u.process == nil {
		return
	}
	u.process.Leave()
	u.facts.Exited(u.agent.Name, u.run, heal.Exit{Unknown: true}, true)
	u.cage.Store(nil)
	u.process, u.exited, u.state = nil, nil, down
}
