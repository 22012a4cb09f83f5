package detect

import (
	"context"
	"reflect"
	"slices"

	"healer-sidecar/internal/heal"
)

// renewal is what a new policy says about an agent that is observed already.
type renewal struct {
	spec Spec
	text Text
}

// Renew goes on with what a new policy says. What it leaves as it was keeps its
// memory.
func (a *Agent) Renew(ctx context.Context, spec Spec, text Text) {
	select {
	case a.specs <- renewal{spec, text}:
	case <-a.done:
	case <-ctx.Done():
	}
}

// Close ends the observation once everything that was told before is passed on.
func (a *Agent) Close(ctx context.Context) {
	a.post(ctx, fact{close: true})
	select {
	case <-a.done:
	case <-ctx.Done():
	}
}

// Wait returns when the observation has ended.
func (a *Agent) Wait(ctx context.Context) {
	select {
	case <-a.done:
	case <-ctx.Done():
	}
}

func (a *Agent) renew(r renewal) {
	before := a.spec.Probes
	a.spec, a.text = r.spec, r.text
	a.renewSources()
	a.renewGauges()
	a.renewWatches()
	a.renewWalker()
	if !reflect.DeepEqual(before, a.spec.Probes) {
		a.renewProbes(before)
	}
}

func (a *Agent) renewWalker() {
	old, want := a.walker, a.spec.Steps
	if old != nil && want != nil && old.Steps == *want {
		return
	}
	if a.walker = nil; old != nil {
		a.settle(old.Name, heal.WitnessLiveness, old.raised)
	}
	if want != nil {
		a.walker = newWalker(*want)
	}
}

func (a *Agent) renewProbes(before []Probe) {
	for _, p := range before {
		a.settle(p.Name, heal.WitnessProbe, a.probed[p.Name] == heal.Raised || a.probed[p.Name] == heal.StateUnknown)
	}
	clear(a.probed)
	clear(a.unready)
	if a.stopAsking(); a.running {
		a.ask()
	}
}

func (a *Agent) renewSources() {
	var kept []*source
	for _, l := range a.spec.Logs {
		opened := a.open(l)
		i := slices.IndexFunc(a.sources, func(s *source) bool {
			return s.name == opened.name && s.file.Path() == opened.file.Path()
		})
		if i >= 0 {
			opened.file.Close()
			a.sources[i].file.Keep(Keeping(a.spec.Output))
			kept = append(kept, a.sources[i])
			a.sources = slices.Delete(a.sources, i, i+1)
			continue
		}
		a.watcher.Subscribe(opened.file.Path(), a.changed)
		kept = append(kept, opened)
	}
	for _, s := range a.sources {
		a.drop(s)
		a.settle(s.name, heal.WitnessText, s.blind != "")
	}
	a.sources = kept
}

func (a *Agent) drop(s *source) {
	if a.watcher != nil {
		a.watcher.Unsubscribe(s.file.Path(), a.changed)
	}
	s.file.Close()
}

func (a *Agent) renewGauges() {
	var kept []*gauge
	for _, t := range a.spec.Thresholds {
		i := slices.IndexFunc(a.gauges, func(g *gauge) bool { return g.Threshold == t })
		if i < 0 {
			kept = append(kept, &gauge{Threshold: t})
			continue
		}
		kept = append(kept, a.gauges[i])
		a.gauges = slices.Delete(a.gauges, i, i+1)
	}
	for _, g := range a.gauges {
		a.settle(g.Name, heal.WitnessResource, g.raised || g.blind)
	}
	a.gauges = kept
}

func (a *Agent) renewWatches() {
	var kept []*watch
	for _, c := range a.spec.Checks {
		i := slices.IndexFunc(a.watches, func(w *watch) bool { return w.Name == c.Name && w.Config == c.Config })
		if i < 0 {
			kept = append(kept, newWatch(c))
			continue
		}
		kept = append(kept, a.watches[i])
		a.watches = slices.Delete(a.watches, i, i+1)
	}
	for _, w := range a.watches {
		a.settle(w.Name, w.Witness, w.raised || w.blind)
	}
	a.watches = kept
}

// settle takes back what a detector said that is not there any more.
func (a *Agent) settle(detector string, w heal.Witness, said bool) {
	if said {
		a.sink.Signal(heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: detector, State: heal.Cleared, Witness: w})
	}
}
