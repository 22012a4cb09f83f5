package detect

import (
	"context"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// sampleEvery is the period of the readings, unjudgedTicks of them pass between two that
// nobody judges: those are only for people to see.
const sampleEvery, unjudgedTicks = time.Second, 5

// Poller takes one snapshot of the host a period and shares it with all agents.
type Poller struct {
	units Units

	mu   sync.Mutex // guards everything below
	want wanted
	last sampling.Snapshot
}

// wanted is what has to be read, and who judges it.
type wanted struct {
	judges []*Agent
	paths  []string
	// fds and io say that somebody watches descriptors, or input and output.
	fds, io bool
	// pressure says that somebody looks at that of the host.
	pressure bool
	// deep is what takes long, by agent.
	deep map[string]sampling.Deep
}

// read adds a resource of an agent to what is read.
func (w *wanted) read(agent string, r heal.Resource, path string) {
	w.fds = w.fds || r == heal.FDs
	if onDisk(r) {
		w.paths = append(w.paths, path)
	}
	d := w.deep[agent]
	d.PSS = d.PSS || r == heal.PSS
	d.Connections = d.Connections || r == heal.Connections
	d.Hits = d.Hits || r == heal.LimitHits
	d.Memory = d.Memory || r == heal.Memory
	if d != (sampling.Deep{}) {
		w.deep[agent] = d
	}
}

// NewPoller reads what belongs to the units.
func NewPoller(units Units) *Poller { return &Poller{units: units} }

// Watch reads from now on what specs ask for; agents are those who judge it, in the
// same order.
func (p *Poller) Watch(agents []*Agent, specs []Spec) {
	w := wanted{deep: map[string]sampling.Deep{}}
	for i, spec := range specs {
		if len(spec.Thresholds)+len(spec.Checks) > 0 {
			w.judges = append(w.judges, agents[i])
		}
		for _, c := range spec.Checks {
			w.io, w.pressure = w.io || c.IO, w.pressure || c.Pressure
			for _, r := range c.Resources {
				w.read(spec.Agent, r, c.Path)
			}
		}
		for _, t := range spec.Thresholds {
			w.read(spec.Agent, t.Resource, t.Path)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.want = w
}

// Run polls until the context ends.
func (p *Poller) Run(ctx context.Context) {
	sampler := sampling.NewSampler()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for ticks := 0; ; ticks++ {
		select {
		case <-tick.C:
			p.mu.Lock()
			want := p.want
			p.mu.Unlock()
			if len(want.judges) == 0 && ticks%unjudgedTicks != 0 {
				continue
			}
			sampler.FDs, sampler.IO, sampler.Pressure, sampler.Deep = want.fds, want.io, want.pressure, want.deep
			snap := sampler.Sample(p.units.PIDs(), want.paths)
			snap.Held = p.units.Held()
			p.share(want.judges, snap)
		case <-ctx.Done():
			return
		}
	}
}

// share hands the snapshot out. An agent that is busy gets the next one.
func (p *Poller) share(judges []*Agent, snap sampling.Snapshot) {
	p.mu.Lock()
	p.last = snap
	p.mu.Unlock()
	for _, a := range judges {
		select {
		case a.ticks <- snap:
		default:
		}
	}
}

// Usage is the latest reading of an agent; false when there is none.
func (p *Poller) Usage(agent string) (sampling.Usage, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, ok := p.last.Usage[agent]
	return u, ok
}
