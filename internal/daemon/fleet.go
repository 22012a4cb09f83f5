package daemon

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/fleet"
	"healer-sidecar/internal/heal"
)

// membership is the sidecar's part of a fleet: nothing, where the policy has no fleet block.
type membership struct {
	mu     sync.Mutex
	config *config.Fleet
	client *fleet.Client
	// fault is why there is no client although the policy wants one.
	fault string
	leave func()
	// live is the client, for those who may not wait.
	live atomic.Pointer[fleet.Client]
}

// joinFleet takes part in what the policy says now. Agents are not touched.
func (s *sidecar) joinFleet(want *config.Fleet) {
	m := &s.fleet
	m.mu.Lock()
	defer m.mu.Unlock()
	if reflect.DeepEqual(want, m.config) && (want == nil || m.client != nil) {
		return
	}
	if m.leave != nil {
		m.leave()
	}
	m.config, m.client, m.leave, m.fault = want, nil, nil, ""
	m.live.Store(nil)
	if want == nil {
		return
	}
	client, err := fleet.New(fleet.Options{
		Config: *want, Dir: s.state.dir, Version: s.options.Version, Journal: s, Agents: s.agentsNow,
		Note:   func(note string) { s.noted("", note) },
		Answer: func(a heal.FleetAnswer) { s.loop.Post(s.engineCtx, engine.FleetSaid{Answer: a}) },
	})
	if err != nil {
		m.fault = err.Error()
		s.log.Warn("the fleet is not joined; this host heals its agents alone", "cause", err)
		return
	}
	ctx, cancel := context.WithCancel(s.engineCtx)
	done := make(chan struct{})
	m.live.Store(client)
	m.client, m.leave = client, func() { cancel(); <-done }
	s.engineGroup.Go(func() {
		defer close(done)
		client.Run(ctx)
	})
}

// agentsNow is how the agents are.
func (s *sidecar) agentsNow(ctx context.Context) (agents []heal.AgentStatus) {
	s.loop.Ask(ctx, func(c *engine.Core) { agents = c.Status(s.loop.Now()) })
	return agents
}

// LastEvent is the highest number of what is recorded.
func (s *sidecar) LastEvent() uint64 { return s.state.journal.Last() }

// status is how the host stands to its fleet; nil for none.
func (m *membership) status() *heal.FleetStatus {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.config == nil:
		return nil
	case m.client == nil:
		return &heal.FleetStatus{Group: m.config.Group, Host: m.config.Host, Fault: redact.All(m.fault)}
	}
	status := m.client.Status()
	return &status
}

// Ask takes a question of the engine to the fleet.
func (m *membership) Ask(q heal.FleetAsk) {
	if c := m.running(); c != nil {
		c.Ask(q)
	}
}

// saw tells the fleet what happened here.
func (m *membership) saw(e heal.Event) {
	if c := m.running(); c != nil {
		c.Saw(e)
	}
}

// running is the client; nil for none.
func (m *membership) running() *fleet.Client {
	return m.live.Load()
}
