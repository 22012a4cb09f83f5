package actions

import (
	"context"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// isolate freezes the whole tree, cut off the network where the policy says so, takes
// evidence, and ends it where the policy wants that. The engine holds the agent until a
// person releases it. Evidence that cannot be written undoes nothing: holding the agent
// matters more.
func isolate(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	how, err := r.Units.Freeze(a.Agent)
	if err != nil {
		return nil, err
	}
	done := []string{how}
	if path, err := r.collect(ctx, a); err == nil {
		done = append(done, "evidence in "+path)
	} else {
		r.Log.Warn("no evidence was kept", "agent", a.Agent, "incident", a.Incident, "cause", err)
	}
	if a.Params.Stop {
		return done, r.Units.Stop(ctx, a.Agent)
	}
	if agent, known := r.Agent(a.Agent); !known || agent.Isolate.By != config.ByKill {
		return done, nil
	}
	if err := r.Units.StopBy(ctx, a.Agent, syscall.SIGKILL); err != nil {
		return done, err
	}
	return append(done, "ended by SIGKILL"), nil
}
