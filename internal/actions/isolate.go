package actions

import (
	"context"

	"healer-sidecar/internal/heal"
)

// isolate freezes the whole tree and takes evidence. The engine holds the agent
// until a person releases it. Evidence that cannot be written does not undo the
// freeze: holding the agent matters more.
func isolate(_ context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	how, err := r.Units.Freeze(a.Agent)
	if err != nil {
		return nil, err
	}
	path, err := r.collect(a)
	if err != nil {
		r.Log.Warn("no evidence was kept", "agent", a.Agent, "incident", a.Incident, "cause", err)
		return []string{how}, nil
	}
	return []string{how, "evidence in " + path}, nil
}
