package detect

import (
	"context"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

// sampleEvery is the period of the readings.
const sampleEvery = time.Second

// Poller takes one snapshot of the host a period and shares it with all agents.
type Poller struct {
	agents []*Agent
	units  Units
	paths  []string
	// fds says that somebody watches descriptors.
	fds bool

	mu   sync.Mutex // guards last
	last host.Snapshot
}

// NewPoller reads for the agents.
func NewPoller(agents []*Agent, units Units) *Poller {
	p := &Poller{agents: agents, units: units}
	for _, a := range agents {
		for _, g := range a.gauges {
			p.fds = p.fds || g.Resource == heal.FDs
			if g.Resource == heal.Disk {
				p.paths = append(p.paths, g.Path)
			}
		}
	}
	return p
}

// Run polls until the context ends.
func (p *Poller) Run(ctx context.Context) {
	sampler := host.NewSampler()
	sampler.FDs = p.fds
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.share(sampler.Sample(p.units.Members(), p.paths))
		case <-ctx.Done():
			return
		}
	}
}

// share hands the snapshot out. An agent that is busy gets the next one.
func (p *Poller) share(snap host.Snapshot) {
	p.mu.Lock()
	p.last = snap
	p.mu.Unlock()
	for _, a := range p.agents {
		if len(a.gauges) == 0 {
			continue // nobody there to judge it
		}
		select {
		case a.ticks <- snap:
		default:
		}
	}
}

// Usage is the latest reading of an agent; false when there is none.
func (p *Poller) Usage(agent string) (host.Usage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, ok := p.last.Usage[agent]
	return u, ok
}
