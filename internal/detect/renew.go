package detect

import (
	"context"
	"reflect"
	"slices"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/heal"
)

// renewal is what a new policy says about an agent that is observed already.
type renewal struct {
	spec       Spec
	classifier *classify.Classifier
}

// Renew goes on with what a new policy says. What it leaves as it was keeps its
// memory.
func (a *Agent) Renew(ctx context.Context, spec Spec, classifier *classify.Classifier) {
	select {
	case a.specs <- renewal{spec, classifier}:
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

func (a *Agent) renew(r renewal) {
	before, metered, sessionsBefore := a.spec.Probes, a.spec.bare().Meters, a.spec.Sessions
	a.spec = r.spec
	if a.classifier != r.classifier {
		a.classifier, a.scratch = r.classifier, classify.Scratch{}
	}
	a.renewSources()
	a.renewThresholds()
	a.renewWatches()
	a.renewStepTracker()
	a.renewSessions(sessionsBefore)
	if !reflect.DeepEqual(before, a.spec.Probes) || !reflect.DeepEqual(metered, a.spec.bare().Meters) {
		a.renewCommandMetrics()
		a.renewProbes(before)
	}
}

func (a *Agent) renewStepTracker() {
	old, want := a.walker, a.spec.Steps
	if old != nil && want != nil && old.Steps == *want {
		return
	}
	if a.walker = nil; old != nil {
		a.settle(old.Name, heal.WitnessLiveness, old.raised)
	}
	if want != nil {
		a.walker = newStepTracker(*want)
	}
}

func (a *Agent) renewSessions(before *Sessions) {
	if reflect.DeepEqual(before, a.spec.Sessions) {
		return
	}
	a.sessions.close()
	a.sessions = nil
	a.openSessions(a.spec.Sessions)
	a.sessions.watch(a.watcher, a.changed)
}

func (a *Agent) renewCommandMetrics() {
	for _, g := range a.meters {
		a.settle(g.Name, heal.WitnessResource, g.raised || g.blind)
	}
	a.meters = nil
	for _, m := range a.spec.Meters {
		a.meters = append(a.meters, newThresholdState(m.Threshold))
	}
}

func (a *Agent) renewProbes(before []Probe) {
	for _, p := range before {
		a.settle(p.Name, heal.WitnessProbe, a.probed[p.Name] == heal.Raised || a.probed[p.Name] == heal.StateUnknown)
	}
	clear(a.probed)
	clear(a.usable)
	if a.stopAsking(); a.running {
		a.ask()
	}
}

// carryOver keeps those of the old that are still wanted, makes the others, and returns
// what nobody wants any more.
func carryOver[T, S any](old []T, want []S, same func(T, S) bool, fresh func(S) T) (kept, gone []T) {
	gone = slices.Clone(old)
	for _, w := range want {
		i := slices.IndexFunc(gone, func(t T) bool { return same(t, w) })
		if i < 0 {
			kept = append(kept, fresh(w))
			continue
		}
		kept = append(kept, gone[i])
		gone = slices.Delete(gone, i, i+1)
	}
	return kept, gone
}

func (a *Agent) renewSources() {
	kept, gone := carryOver(a.sources[:len(a.sources)-len(a.spare)], a.spec.Logs,
		func(s *source, l Log) bool { return s.name == l.title() && s.file.Path() == a.pathOf(l) },
		func(l Log) *source {
			s := a.open(l)
			s.file.Subscribe(a.watcher, a.changed)
			return s
		})
	a.sources = append(kept, a.spare...)
	for _, s := range a.sources {
		s.file.Keep(Keeping(a.spec.Output))
	}
	for _, s := range gone {
		a.drop(s)
		a.settle(s.name, heal.WitnessText, s.blind != "")
	}
}

func (a *Agent) drop(s *source) {
	if a.watcher != nil {
		s.file.Unsubscribe(a.watcher, a.changed)
	}
	s.file.Close()
}

func (a *Agent) renewThresholds() {
	kept, gone := carryOver(a.gauges, a.spec.Thresholds, func(g *thresholdState, t Threshold) bool { return g.Threshold == t }, newThresholdState)
	a.gauges = kept
	for _, g := range gone {
		a.settle(g.Name, heal.WitnessResource, g.raised || g.blind)
	}
}

func (a *Agent) renewWatches() {
	kept, gone := carryOver(a.watches, a.spec.Checks, func(w *watch, c Check) bool { return w.Name == c.Name && w.Config == c.Config }, newWatch)
	a.watches = kept
	for _, w := range gone {
		a.settle(w.Name, w.Witness, w.raised || w.blind)
	}
}

// settle takes back what a detector said that is not there any more.
func (a *Agent) settle(detector string, w heal.Witness, said bool) {
	if said {
		a.sink.Signal(heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: detector, State: heal.Cleared, Witness: w})
	}
}
