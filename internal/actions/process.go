package actions

import (
	"context"

	"healer-sidecar/internal/heal"
)

// start runs an agent that has ended, or leaves a running one alone.
func start(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	return nil, r.Units.Start(ctx, a.Agent)
}

// stop ends the whole tree.
func stop(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	return nil, r.Units.Stop(ctx, a.Agent)
}

// restart ends the whole tree, and starts only when it is proven empty.
func restart(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if err := r.Units.Stop(ctx, a.Agent); err != nil {
		return nil, err
	}
	return nil, r.Units.Start(ctx, a.Agent)
}

// release lets a frozen agent go on, and starts one that is down.
func release(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if err := r.Units.Thaw(a.Agent); err != nil {
		return nil, err
	}
	return nil, r.Units.Start(ctx, a.Agent)
}
