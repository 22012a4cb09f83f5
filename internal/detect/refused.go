package detect

import (
	"slices"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/sampling"
)

// limited is what is watched of the limits of a run.
type limited struct {
	pid   int
	files []string
	// refused receives when one of the files changes.
	refused chan struct{}
}

// watchLimits asks the kernel to tell at once when a limit of the run's own cgroup refuses
// something. Where it cannot, the next sample tells.
func (a *Agent) watchLimits(run heal.RunFact) {
	a.forgetLimits()
	a.limited.pid = run.PID
	if a.watcher == nil || !slices.ContainsFunc(a.watches, watchesHits) {
		return
	}
	a.limited.files = sampling.LimitFiles(run.Cgroup)
	for _, path := range a.limited.files {
		a.watcher.Subscribe(path, a.limited.refused)
	}
}

func (a *Agent) forgetLimits() {
	for _, path := range a.limited.files {
		a.watcher.Unsubscribe(path, a.limited.refused)
	}
	a.limited.files = nil
}

func watchesHits(w *watch) bool { return slices.Contains(w.Resources, heal.LimitHits) }

// lookLimits lets those judge that watch for hits of limits, between two samples.
func (a *Agent) lookLimits() {
	if !a.running {
		return
	}
	n, err := sampling.LimitHits(a.limited.pid)
	if err != nil {
		return // the next sample will tell
	}
	m := sample{at: kernel.SinceBoot(), up: a.up(), taken: a.taken, usage: sampling.Usage{Hits: &n}}
	for _, w := range a.watches {
		if watchesHits(w) {
			a.tell(w, m)
		}
	}
}
