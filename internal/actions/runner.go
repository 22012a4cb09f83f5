package actions

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/notify"
	"healer-sidecar/internal/snapshot"
)

// Runner carries attempts out, each in a goroutine of its own.
type Runner struct {
	Units    Units
	Readings Readings
	Reaper   *procs.Reaper
	Log      hclog.Logger
	// Agent is the policy of an agent, Store keeps its good generations, Deaths its last
	// words, and Note takes down what was done on the way.
	Agent  func(name string) (config.Agent, bool)
	Store  snapshot.Store
	Deaths *Deaths
	Note   func(agent, note string)
	// Type types at the terminal of an agent.
	Type func(agent, text string) error
	// Outbox reaches people; Host is the name by which they know this one.
	Outbox *notify.Outbox
	Host   string
	// Redact takes secrets out of a text of one or several lines.
	Redact func(text string) string
	// Evidence is the folder for the bundles of isolated agents.
	Evidence string
	// Outputs are the output files of an agent.
	Outputs func(agent string) []string
	// Report takes the result of every attempt.
	Report func(heal.Result)

	mu      sync.Mutex // guards all below
	cancels map[string]context.CancelCauseFunc
	// skipped counts what was not begun because the one before was still running.
	skipped map[string]int
	closed  bool
	// throttles are the limits of each step of a throttle, by agent.
	throttles map[string][]cgroup.Limits
	running   sync.WaitGroup
}

// Do begins an attempt and returns at once; the result goes to Report.
func (r *Runner) Do(a heal.Attempt) {
	ctx, cancel := context.WithCancelCause(context.Background())
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		cancel(nil)
		return
	}
	if r.cancels == nil {
		r.cancels, r.skipped = map[string]context.CancelCauseFunc{}, map[string]int{}
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
		cancel(errCalledOff)
	}
}

// Refuse reports an attempt as failed that was never begun.
func (r *Runner) Refuse(attempt, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.running.Go(func() { r.Report(heal.Result{Attempt: attempt, Error: why}) })
	}
}

// errCalledOff is why an attempt ends that was given up.
var errCalledOff = errors.New("it was called off: something else is to be done")

// Close cancels everything, takes no more and waits until nothing runs.
func (r *Runner) Close() {
	r.mu.Lock()
	r.closed = true
	for _, cancel := range r.cancels {
		cancel(nil)
	}
	r.mu.Unlock()
	r.running.Wait()
}

// longest bounds any attempt, beside what the policy itself grants its steps.
const longest = 5 * time.Minute

// deadline is how long an attempt on an agent may take in all: what hangs for longer than
// every part of it was granted will not end by itself.
func (r *Runner) deadline(agent string) time.Duration {
	a, _ := r.Agent(agent)
	d := longest + a.Stop.Grace + a.Stop.DrainFor
	for _, h := range a.Hooks {
		d += h.Timeout
	}
	for _, c := range a.Compensates {
		d += c.Timeout
	}
	for _, t := range a.Tunables {
		d += t.Timeout
	}
	return d
}

func (r *Runner) carryOut(ctx context.Context, a heal.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, r.deadline(a.Agent))
	defer cancel()
	begun := time.Now()
	result := heal.Result{Attempt: a.ID}
	act, err := lookup(a)
	if err == nil {
		result.InForce, err = act(ctx, r, a)
	}
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(ctx), errCalledOff) {
		err = errCalledOff
	}
	if err != nil {
		result.Error = err.Error()
	}
	if a.Task == heal.TaskSnapshot {
		result.Generations = r.generations(a.Agent)
	}
	result.Took = time.Since(begun)
	r.mu.Lock()
	r.cancels[a.ID](nil)
	delete(r.cancels, a.ID)
	r.mu.Unlock()
	r.Report(result)
}
