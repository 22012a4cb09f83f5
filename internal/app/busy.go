package app

import (
	"context"
	"slices"
	"time"

	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

// lookForPort is how often a port is looked at that an agent waits for.
const lookForPort = 100 * time.Millisecond

// busyPorts looks at the ports that agents could not have, while their incidents are open. It
// belongs to the goroutine that observes the engine.
type busyPorts struct {
	// watching ends the look of an agent.
	watching map[string]context.CancelFunc
}

// note begins to look when an agent failed because its address is in use, and ends with the
// incident, or when something else is known of it.
func (b *busyPorts) note(s *sidecar, e heal.Event) {
	switch e.Kind {
	case heal.EventDiagnosed, heal.EventClosed, heal.EventStarted:
		if end := b.watching[e.Agent]; end != nil {
			end()
			delete(b.watching, e.Agent)
		}
	}
	if e.Kind != heal.EventDiagnosed || e.Diag.Cause != heal.Busy {
		return
	}
	ports := slices.DeleteFunc(diagnose.Ports(e.Diag.Evidence), func(port int) bool { return !host.Listening(port) })
	if len(ports) == 0 {
		return // nobody can say what it waits for
	}
	ctx, end := context.WithCancel(s.thinking)
	b.watching[e.Agent] = end
	s.thought.Go(func() {
		if vacated(ctx, ports) {
			s.loop.Post(ctx, engine.Vacated{Agent: e.Agent, Incident: e.Incident})
		}
	})
}

// vacated waits until nothing listens on any of the ports; false when that is not waited for
// any more.
func vacated(ctx context.Context, ports []int) bool {
	tick := time.NewTicker(lookForPort)
	defer tick.Stop()
	for slices.ContainsFunc(ports, host.Listening) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
