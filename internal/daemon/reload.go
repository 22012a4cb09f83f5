package daemon

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/coreos/go-systemd/v22/daemon"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

// reload reads the policy again and puts it in force: all of it, or nothing. Agents
// run on unless what they are started with has changed.
func (s *sidecar) reload(ctx context.Context) error {
	if s.options.Config == "" {
		return errors.New("this sidecar was started without a policy file")
	}
	s.reloading.Lock()
	defer s.reloading.Unlock()
	if err := ctx.Err(); err != nil {
		return errEnding
	}
	tellManager(fmt.Sprintf("%s\nMONOTONIC_USEC=%d", daemon.SdNotifyReloading, kernel.Monotonic().Microseconds()))
	defer tellManager(daemon.SdNotifyReady)
	err := s.reread(ctx)
	fault := ""
	if err != nil {
		fault = err.Error()
	}
	s.policyFault.Store(&fault)
	s.findOrphans()
	return err
}

func (s *sidecar) reread(ctx context.Context) error {
	policy, err := config.Load(s.options.Config)
	if err != nil {
		return err
	}
	agents, err := compile.Agents(policy)
	if err != nil {
		return err
	}
	before := s.policy.Load()
	if policy.StateDir != before.StateDir {
		return errors.New("state_dir has changed; that takes a new start of the sidecar")
	}
	d := compile.Compare(s.registry.all(), agents)
	d.Notify = !reflect.DeepEqual(policy.Notify, before.Notify)
	d.Outside = !reflect.DeepEqual(policy.Dependencies, before.Dependencies)
	d.Host = policy.Host != before.Host
	if !reflect.DeepEqual(policy.Served, before.Served) {
		s.log.Info("page, metrics, access, otlp and telemetry change with the next start of the sidecar", "hint", "healer-sidecar upgrade makes one, and leaves the agents alone")
	}
	s.policy.Store(policy)
	s.joinFleet(policy.Fleet)
	if d.Empty() {
		return nil
	}
	s.log.Info("policy reloaded", "changes", d.String())
	if d.Outside {
		s.askOutside(policy.Dependencies)
	}
	// One that cannot be ended does not keep the rest of the policy out of force.
	return errors.Join(s.removeAgents(ctx, d.Removed), s.applyAgents(ctx, agents, d))
}

// removeAgents ends the agents that are not in the policy any more.
func (s *sidecar) removeAgents(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	left := slices.DeleteFunc(slices.Clone(s.registry.all()), func(a compile.Agent) bool { return slices.Contains(names, a.Agent.Name) })
	s.loop.Post(ctx, engine.PolicyReplaced{Agents: compile.HealingOf(left), Host: s.policy.Load().Host})
	var failed error
	for _, name := range names {
		if err := s.units.Remove(ctx, name); err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot end agent %q: %w", name, err))
			continue
		}
		if eye := s.registry.observer(name); eye != nil {
			eye.Close(ctx)
		}
		s.registry.lose(name)
		if s.served.metrics != nil {
			s.served.metrics.Forget(name)
		}
	}
	s.registry.put(left, nil)
	return failed
}

// applyAgents puts the new policy in force for all that it names.
func (s *sidecar) applyAgents(ctx context.Context, agents []compile.Agent, d compile.Difference) error {
	eyes := map[string]*detect.Agent{}
	found := map[string]heal.Found{}
	for _, a := range agents {
		name := a.Agent.Name
		s.units.Put(a.Agent)
		if eye := s.registry.observer(name); eye != nil {
			eye.Renew(ctx, a.Spec, a.Classifier)
			continue
		}
		left, ok := s.remainsOf(ctx, name)
		if !ok {
			return errEnding
		}
		eyes[name] = s.newObserver(a)
		var err error
		if found[name], err = s.open(ctx, a, left, eyes[name]); err != nil {
			return err
		}
	}
	s.progress.expect(agents, d.Added)
	s.registry.put(agents, eyes)
	s.registry.watch(s.poller)
	for name, eye := range eyes {
		s.startObserver(name, eye)
	}
	return s.posted(ctx, engine.PolicyReplaced{Agents: compile.HealingOf(agents), Host: s.policy.Load().Host, Renewed: d.Renewed, Found: found, Note: d.String()})
}

// remainsOf is what the journal says of an agent from before.
func (s *sidecar) remainsOf(ctx context.Context, agent string) (left remains, ok bool) {
	ok = s.loop.Ask(ctx, func(c *engine.Core) { left = remainsOf(c.Ledger().Agent(agent)) })
	return left, ok
}

// serveReloads reloads when a signal has asked for it. Any number of signals during
// one reload are one more.
func (s *sidecar) serveReloads(ctx context.Context) {
	for {
		select {
		case <-s.reloads:
		case <-ctx.Done():
			return
		}
		if err := s.reload(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("the policy stays as it is", "cause", err)
		}
	}
}
