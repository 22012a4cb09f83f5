package actions

import (
	"context"
	"fmt"
	"strings"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
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
		if err := r.Units.SignalAgent(a.Agent, host.SignalByName(step.Signal)); err != nil {
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

// tune sets the tunables of an agent to so many steps down.
func tune(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	d := r.Units.Dressed(a.Agent)
	before := d.Tune
	d.Tune, d.Factor = a.Params.Steps, a.Params.Factor
	if err := r.Units.Dress(a.Agent, d); err != nil {
		return nil, err
	}
	live, said := true, []string{}
	for _, t := range agent.Tunables {
		was, is := t.At(before, d.Factor), t.At(d.Tune, d.Factor)
		if was == is {
			continue
		}
		said = append(said, fmt.Sprintf("%s = %s (was %s)", t.Name, t.Text(is), t.Text(was)))
		done, err := r.setLive(ctx, agent, t, t.Text(is))
		if err != nil {
			return nil, err
		}
		live = live && done
	}
	if live {
		return said, nil
	}
	return r.renew(ctx, a, strings.Join(said, ", "))
}

// setLive puts a tunable in force in a running agent; false when it takes a new start.
func (r *Runner) setLive(ctx context.Context, agent config.Agent, t config.Tunable, value string) (bool, error) {
	if t.File != "" {
		if err := host.Replace(t.File, []byte(value+"\n")); err != nil {
			return false, err
		}
	}
	running := r.Units.Status(agent.Name).State == "running"
	switch {
	case !running || !t.Live():
		return false, nil
	case len(t.Command) > 0:
		ctx, cancel := context.WithTimeout(ctx, t.Timeout)
		defer cancel()
		env := append(host.InheritedEnv(), "HEALER_AGENT="+agent.Name, "HEALER_TUNABLE="+t.Name, "HEALER_VALUE="+value)
		if err := r.Reaper.RunTool(ctx, host.Command{Argv: t.Command, Env: env, Dir: agent.Dir}, nil); err != nil {
			return false, fmt.Errorf("cannot set %s: %w", t.Name, err)
		}
		return true, nil
	}
	return true, r.Units.SignalAgent(agent.Name, host.SignalByName(t.Signal))
}
