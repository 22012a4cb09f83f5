package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
	"healer-sidecar/internal/stdio/console"
)

var errEnding = errors.New("cannot answer: the sidecar is ending")

// Status is the whole truth at one moment.
func (s *sidecar) Status(ctx context.Context) (heal.SidecarStatus, error) {
	status := heal.SidecarStatus{
		Version: s.options.Version, PID: os.Getpid(), Uptime: time.Since(s.begun).Round(time.Millisecond),
		StateDir: s.state.dir, Containment: s.cages.Why,
		Boundary: fmt.Sprintf("none: agents run as uid %d, like the sidecar", os.Geteuid()),
	}
	if fault := s.policyFault.Load(); fault != nil {
		status.Policy = *fault
	}
	status.Journal = s.state.degraded
	if _, err := s.state.journal.Degraded(); err != nil {
		status.Journal = err.Error()
	}
	status.Fleet = s.fleet.status()
	ok := s.loop.Ask(ctx, func(c *engine.Core) {
		status.Paused = c.Ledger().Paused
		status.Storm, status.Lag = c.Strain()
		status.Agents = c.Status(s.loop.Now())
		status.Orphans = s.orphanStatus()
	})
	if !ok {
		return status, errEnding
	}
	status.Telemetry = s.ear.status()
	var all sync.WaitGroup
	for i := range status.Agents { // every unit looks at its own processes
		all.Go(func() { s.lookAt(&status.Agents[i]) })
	}
	all.Wait()
	present.Deal(status.Agents, s.served.book.of, time.Now())
	return status, nil
}

// lookAt adds what is true of an agent's processes now.
func (s *sidecar) lookAt(a *heal.AgentStatus) {
	a.Process = s.units.Status(a.Agent)
	if use, known := s.poller.Usage(a.Agent); known && a.Process.PID > 0 {
		a.Process.Memory, a.Process.CPU = valueOf(use.Memory), valueOf(use.CPU)
	}
	policy, _ := s.policyOf(a.Agent)
	a.Production = policy.Production
	a.Telemetry = s.ear.routeOf(a.Agent)
	if a.Health == "healthy" && a.Running && a.Process.State != "running" {
		a.Health = a.Process.State // nobody may call a stopped process healthy
	}
}

// valueOf is a reading, or 0 for one that could not be taken.
func valueOf(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// Stats sums up what happened.
func (s *sidecar) Stats(ctx context.Context) (stats heal.Stats, err error) {
	if !s.loop.Ask(ctx, func(c *engine.Core) { stats = c.Stats(s.loop.Now()) }) {
		err = errEnding
	}
	return stats, err
}

// Patterns is what was learned, for one agent or for all.
func (s *sidecar) Patterns(ctx context.Context, agent string) (all []heal.PatternStats, err error) {
	if err := s.known(agent); agent != "" && err != nil {
		return nil, err
	}
	if !s.loop.Ask(ctx, func(c *engine.Core) { all = c.Patterns(agent) }) {
		err = errEnding
	}
	return all, err
}

// Events serves what is recorded.
func (s *sidecar) Events(after uint64) func(func(heal.Event) bool) error {
	return s.state.journal.After(after).Read
}

// Changed is closed when more is recorded.
func (s *sidecar) Changed() <-chan struct{} { return s.state.journal.Changed() }

// Order carries a person's command out and returns when it is done. Whatever is not an order is
// refused here: nothing behind this point is asked by anybody outside.
func (s *sidecar) Order(ctx context.Context, o heal.Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	switch o.Command {
	case heal.CommandPause, heal.CommandResume:
		o.Agent = ""
		return s.posted(ctx, engine.Ordered{Order: o})
	case heal.CommandUpgrade, heal.CommandReload:
		s.loop.Post(ctx, engine.Ordered{Order: o}) // for the record
		if o.Command == heal.CommandUpgrade {
			return s.upgrade(ctx)
		}
		return s.reload(s.engineCtx)
	case heal.CommandShutdown:
		if err := s.posted(ctx, engine.Ordered{Order: o}); err != nil {
			return err
		}
		select {
		case s.shutdowns <- struct{}{}:
		default: // it is ending already
		}
		return nil
	case heal.CommandApprove, heal.CommandRefuse, heal.CommandAck:
		return s.answer(ctx, o)
	}
	o.Incident = ""
	if err := s.known(o.Agent); err != nil {
		if o.Command == heal.CommandStop {
			if there, failed := s.stopOrphan(ctx, o.Agent); there {
				return failed
			}
		}
		return err
	}
	switch o.Command {
	case heal.CommandPin, heal.CommandForget:
		return s.teach(ctx, o)
	case heal.CommandSend:
		return s.send(ctx, o)
	case heal.CommandHold, heal.CommandDrill:
		return s.posted(ctx, engine.Ordered{Order: o})
	}
	id, result := s.await()
	s.loop.Post(ctx, engine.Ordered{ID: id, Order: o})
	select {
	case r := <-result:
		if r.Error != "" {
			return errors.New(r.Error)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send types at the terminal of an agent. What is typed is not recorded, how much is.
func (s *sidecar) send(ctx context.Context, o heal.Order) error {
	text := o.Text
	if o.Text = ""; text != "" {
		o.Reason = fmt.Sprintf("%d bytes", len(text))
	}
	if err := s.posted(ctx, engine.Ordered{Order: o}); err != nil {
		return err
	}
	return console.Type(s.spawner.AgentDir(o.Agent), []byte(text))
}

// posted hands a message to the engine and returns when it was taken.
func (s *sidecar) posted(ctx context.Context, m engine.Message) error {
	s.loop.Post(ctx, m)
	if !s.loop.Ask(ctx, func(*engine.Core) {}) {
		return errEnding
	}
	return nil
}

// answer passes a person's word on an incident on.
func (s *sidecar) answer(ctx context.Context, o heal.Order) error {
	open, asks := false, false
	if !s.loop.Ask(ctx, func(c *engine.Core) { open, asks = c.Open(o.Incident) }) {
		return errEnding
	}
	switch {
	case !open:
		return fmt.Errorf("incident %q is not open", o.Incident)
	case !asks && o.Command != heal.CommandAck:
		return fmt.Errorf("nobody is asked about incident %q", o.Incident)
	}
	return s.posted(ctx, engine.Ordered{Order: o})
}

// teach changes what was learned about a failure that is known.
func (s *sidecar) teach(ctx context.Context, o heal.Order) error {
	patterns, err := s.Patterns(ctx, o.Agent)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(patterns, func(p heal.PatternStats) bool { return p.Fingerprint == o.Fingerprint }) {
		return fmt.Errorf("nothing was learned about %q", o.Fingerprint)
	}
	return s.posted(ctx, engine.Ordered{Order: o})
}

// await makes an id for an order and the place where its result arrives.
func (s *sidecar) await() (string, <-chan heal.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders++
	id := fmt.Sprintf("order-%d-%d", s.begun.UnixMilli(), s.orders)
	result := make(chan heal.Result, 1)
	s.waiters[id] = result
	return id, result
}

func (s *sidecar) known(agent string) error {
	if _, ok := s.registry.find(agent); ok {
		return nil
	}
	return unknownAgent(agent, s.registry.names())
}

func unknownAgent(name string, names []string) error {
	return fmt.Errorf("cannot find agent %q: %s", name, config.Suggest(name, names))
}
