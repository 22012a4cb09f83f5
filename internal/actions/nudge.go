package actions

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/httpjson"
)

// nudge gives a living agent the input that the attempt names. Whether it helped is for the verification.
func (r *Runner) nudge(ctx context.Context, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(agent.Nudges, func(n config.Nudge) bool { return n.Name == a.Params.Nudge })
	if i < 0 {
		return nil, fmt.Errorf("cannot nudge %s: the policy has no nudge %q any more", a.Agent, a.Params.Nudge)
	}
	n := agent.Nudges[i]
	ctx, cancel := context.WithTimeout(ctx, n.Timeout)
	defer cancel()
	switch {
	case n.Keys != "":
		err = r.Type(a.Agent, n.Keys)
	case n.Signal != "":
		err = r.Units.SignalAgent(a.Agent, kernel.SignalByName(n.Signal))
	case n.URL != "":
		body, _ := json.Marshal(map[string]string{"nudge": n.Name, "agent": a.Agent})
		_, err = httpjson.Send(ctx, http.MethodPost, n.URL, "application/json", body, maxAnswer)
	default:
		env := append(kernel.InheritedEnv(), told(a)...)
		err = r.Reaper.RunTool(ctx, procs.Command{Argv: n.Command, Env: env, Dir: agent.Dir}, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot nudge %s by %q: %w", a.Agent, n.Name, err)
	}
	return []string{"nudge " + n.Name}, nil
}
