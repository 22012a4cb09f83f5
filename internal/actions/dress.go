package actions

import (
	"context"
	"fmt"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

// agent is the policy of an agent.
func (r *Runner) agent(name string) (config.Agent, error) {
	if a, ok := r.Agent(name); ok {
		return a, nil
	}
	return config.Agent{}, fmt.Errorf("cannot find agent %q", name)
}

// degrade takes the step down, or back up, that the attempt names. A step that a running
// agent can be told of is put in force at once, others with a new start.
func degrade(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	d := r.Units.Dressed(a.Agent)
	live := d.Degrade != a.Params.Steps
	for i := min(d.Degrade, a.Params.Steps); i < max(d.Degrade, a.Params.Steps) && i < len(agent.Degrades); i++ {
		live = live && agent.Degrades[i].Signal != ""
	}
	step := agent.Degrades[min(max(d.Degrade, a.Params.Steps), len(agent.Degrades))-1]
	d.Degrade = a.Params.Steps
	if err := r.Units.Dress(a.Agent, d); err != nil {
		return nil, err
	}
	said := "mode " + agent.Mode(d)
	if live && r.Units.Status(a.Agent).State == "running" {
		if err := r.Units.SignalAgent(a.Agent, kernel.SignalByName(step.Signal)); err != nil {
			return nil, err
		}
		return []string{said + ", told by " + step.Signal}, nil
	}
	return r.renew(ctx, a, said)
}

// alternative takes another way, or the way back.
func alternative(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	d := r.Units.Dressed(a.Agent)
	d.Alternative = a.Params.Name
	if a.Params.Steps == 0 {
		d.Alternative = ""
	}
	if err := r.Units.Dress(a.Agent, d); err != nil {
		return nil, err
	}
	said := "the primary way"
	if d.Alternative != "" {
		said = "alternative " + d.Alternative
	}
	return r.renew(ctx, a, said)
}

// renew starts an agent with what it has on now. What is only taken back because it did not
// help waits for the next start: another remedy follows.
func (r *Runner) renew(ctx context.Context, a heal.Attempt, said string) ([]string, error) {
	if a.Undo && !a.Ease {
		return []string{said + ", from its next start"}, nil
	}
	if _, err := restart(ctx, r, a); err != nil {
		return nil, err
	}
	return []string{said}, nil
}
