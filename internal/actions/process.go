package actions

import (
	"context"
	"fmt"
	"slices"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
)

// start runs an agent that has ended, or leaves a running one alone.
func start(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if err := r.resumes(a); err != nil {
		return nil, err
	}
	r.hooks(ctx, "pre_start", a)
	if err := r.Units.Start(ctx, a.Agent); err != nil {
		return nil, err
	}
	r.hooksLater("post_start", a)
	return nil, nil
}

// resumes makes the next run go on where the one before was, or begin afresh.
func (r *Runner) resumes(a heal.Attempt) error {
	d := r.Units.Dressed(a.Agent)
	if d.Resume == a.Params.Resume {
		return nil
	}
	d.Resume = a.Params.Resume
	return r.Units.Dress(a.Agent, d)
}

// stop ends the whole tree.
func stop(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	r.hooks(ctx, "pre_stop", a)
	if err := r.Units.Stop(ctx, a.Agent); err != nil {
		return nil, err
	}
	r.hooks(ctx, "post_stop", a)
	return nil, nil
}

// End ends an agent because the sidecar itself ends, with its hooks for as long as there is
// patience; sig replaces the signal of the policy unless it is 0.
func (r *Runner) End(patience context.Context, agent string, sig syscall.Signal) error {
	a := heal.Attempt{Agent: agent, Params: heal.Params{Reason: "the sidecar ends"}}
	r.hooks(patience, "pre_stop", a)
	err := r.Units.StopBy(context.Background(), agent, sig)
	r.hooks(patience, "post_stop", a)
	return err
}

// restart ends the whole tree, and starts only when it is proven empty.
func restart(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if _, err := stop(ctx, r, a); err != nil {
		return nil, err
	}
	return start(ctx, r, a)
}

// again runs an agent that has ended. One that is there and stopped is let go on instead.
func again(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if a.Params.Nudge != "" {
		return r.nudge(ctx, a)
	}
	continued, err := r.Units.Continue(a.Agent)
	if err != nil || len(continued) > 0 {
		return continued, err
	}
	return start(ctx, r, a)
}

// askSafePoint asks a running agent to say when it may be interrupted.
func askSafePoint(_ context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	return []string{"asked by " + agent.SafePoint}, r.Units.SignalAgent(a.Agent, kernel.SignalByName(agent.SafePoint))
}

// release lets a frozen agent go on, and starts one that is down.
func release(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if err := r.Units.Thaw(a.Agent); err != nil {
		return nil, err
	}
	return start(ctx, r, a)
}

// hooks runs the commands of a point in an agent's life, each to its end: what comes next
// may build on them. One that fails or hangs is told and holds nothing up.
func (r *Runner) hooks(ctx context.Context, at string, a heal.Attempt) {
	agent, _ := r.Agent(a.Agent)
	for _, h := range agent.Hooks {
		if h.At == at && ctx.Err() == nil && r.fits(at, a.Agent) {
			r.hook(ctx, agent, h, a)
		}
	}
}

func (r *Runner) hook(ctx context.Context, agent config.Agent, h config.Hook, a heal.Attempt) {
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	env := append(kernel.InheritedEnv(), told(a)...)
	env = append(env, r.exitOf(a.Agent)...)
	if err := r.Reaper.RunTool(ctx, procs.Command{Argv: h.Command, Env: append(env, "HEALER_HOOK="+h.At), Dir: agent.Dir}, nil); err != nil {
		r.Log.Warn("a hook failed", "agent", a.Agent, "hook", h.At, "cause", err)
		r.Note(a.Agent, fmt.Sprintf("hook_failed: %s: %v", h.At, err))
	}
}

// hooksLater runs commands that nothing waits for. While those of an earlier time still run,
// no others are begun (FAULTS.md A40).
func (r *Runner) hooksLater(at string, a heal.Attempt) {
	agent, _ := r.Agent(a.Agent)
	if !slices.ContainsFunc(agent.Hooks, func(h config.Hook) bool { return h.At == at }) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch key := at + " of " + a.Agent; {
	case r.closed:
	case r.cancels[key] != nil:
		r.skipped[key]++
	default:
		ctx, cancel := context.WithCancelCause(context.Background())
		r.cancels[key] = cancel
		r.running.Go(func() {
			r.hooks(ctx, at, a)
			r.ended(key, a.Agent)
		})
	}
}

// ended makes room for the next of those that run one at a time.
func (r *Runner) ended(key, agent string) {
	r.mu.Lock()
	r.cancels[key](nil)
	delete(r.cancels, key)
	n := r.skipped[key]
	delete(r.skipped, key)
	r.mu.Unlock()
	if n > 0 {
		r.Note(agent, fmt.Sprintf("hook_skipped: %s, %d times, while the one before was still running", key, n))
	}
}

// fits reports that there is something to start, or to stop.
func (r *Runner) fits(at, agent string) bool {
	running := r.Units.Status(agent).State == "running"
	return at != "pre_start" && at != "pre_stop" || running == (at == "pre_stop")
}

// exitOf tells a hook how the latest run ended.
func (r *Runner) exitOf(agent string) []string {
	e := r.Units.Status(agent).LastExit
	if e == nil {
		return nil
	}
	return []string{fmt.Sprintf("HEALER_EXIT_CODE=%d", e.Code), "HEALER_EXIT_SIGNAL=" + e.Signal}
}
