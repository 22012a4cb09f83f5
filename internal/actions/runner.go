package actions

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
	"healer-sidecar/internal/notify"
	"healer-sidecar/internal/snapshot"
)

// Runner carries attempts out, each in a goroutine of its own.
type Runner struct {
	Units    Units
	Readings Readings
	Reaper   *host.Reaper
	Log      hclog.Logger
	// Agent is the policy of an agent, Store keeps its good generations, Deaths its last
	// words, and Note takes down what was done on the way.
	Agent  func(name string) (config.Agent, bool)
	Store  snapshot.Store
	Deaths *Deaths
	Note   func(agent, note string)
	// Outbox reaches people; Host is the name by which they know this one.
	Outbox *notify.Outbox
	Host   string
	// Redact takes secrets out of a line.
	Redact func(line string) string
	// Evidence is the folder for the bundles of isolated agents.
	Evidence string
	// Outputs are the output files of an agent.
	Outputs func(agent string) []string
	// Report takes the result of every attempt.
	Report func(heal.Result)

	mu      sync.Mutex // guards all below
	cancels map[string]context.CancelFunc
	closed  bool
	// throttles are the limits of each step of a throttle, by agent.
	throttles map[string][]host.Limits
	running   sync.WaitGroup
}

// Do begins an attempt and returns at once; the result goes to Report.
func (r *Runner) Do(a heal.Attempt) {
	ctx, cancel := context.WithCancel(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		cancel()
		return
	}
	if r.cancels == nil {
		r.cancels = map[string]context.CancelFunc{}
	}
	r.cancels[a.ID] = cancel
	r.running.Go(func() { r.carryOut(ctx, a) })
}

// Cancel gives an attempt up. One that has passed its point of no return is
// reported all the same.
func (r *Runner) Cancel(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.cancels[id]; cancel != nil {
		cancel()
	}
}

// Close cancels everything, takes no more and waits until nothing runs.
func (r *Runner) Close() {
	r.mu.Lock()
	r.closed = true
	for _, cancel := range r.cancels {
		cancel()
	}
	r.mu.Unlock()
	r.running.Wait()
}

func (r *Runner) carryOut(ctx context.Context, a heal.Attempt) {
	begun := time.Now()
	result := heal.Result{Attempt: a.ID}
	act, err := lookup(a)
	if err == nil {
		result.InForce, err = act(ctx, r, a)
	}
	if err != nil {
		result.Error = err.Error()
	}
	if a.Command == heal.CommandSnapshot {
		result.Generations = r.generations(a.Agent)
	}
	result.Took = time.Since(begun)
	r.mu.Lock()
	r.cancels[a.ID]()
	delete(r.cancels, a.ID)
	r.mu.Unlock()
	r.Report(result)
}
