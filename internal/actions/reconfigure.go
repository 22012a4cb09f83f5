package actions

import (
	"context"
	"fmt"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/sampling"
)

// leastCPU is the share of a core that a throttled agent keeps, in percent.
const leastCPU = 5

// reconfigure sets the declared tunables a step down. Without any, it leaves the agent a
// share of what it uses now of the resource in question. Without the right to limit by cgroup, only the processor can be
// throttled, by weaker means.
func reconfigure(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if a.Params.Resource == "" {
		return tune(ctx, r, a)
	}
	use, ok := r.Readings.Usage(a.Agent)
	if !ok {
		return nil, fmt.Errorf("cannot throttle %s: its present use is not known", a.Agent)
	}
	limits, err := throttled(use, a.Params)
	if err != nil {
		return nil, err
	}
	how, err := r.Units.Limit(a.Agent, limits)
	if err != nil && limits.CPU > 0 {
		why := err
		if how, err = r.Units.Slow(a.Agent, limits.CPU); err == nil {
			how += "; " + why.Error()
		}
	}
	if err != nil {
		return nil, err
	}
	r.throttled(a.Agent, a.Params.Steps, limits)
	return []string{how}, nil
}

// throttled remembers the limits of each step, for the way back.
func (r *Runner) throttled(agent string, step int, l cgroup.Limits) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.throttles == nil {
		r.throttles = map[string][]cgroup.Limits{}
	}
	r.throttles[agent] = append(r.throttles[agent][:min(max(step-1, 0), len(r.throttles[agent]))], l)
}

// stepBack are the limits of the step that is left; false for none that is known.
func (r *Runner) stepBack(agent string, step int) (cgroup.Limits, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if all := r.throttles[agent]; step > 0 && step <= len(all) {
		return all[step-1], true
	}
	return cgroup.Limits{}, false
}

// throttled turns present use and a factor into limits.
func throttled(use sampling.Usage, p heal.Params) (cgroup.Limits, error) {
	var l cgroup.Limits
	value := map[heal.Resource]*float64{heal.CPU: use.CPU, heal.Memory: use.Memory, heal.Threads: use.Threads}[p.Resource]
	if value == nil {
		return l, fmt.Errorf("cannot throttle %s: its present use is not known", p.Resource)
	}
	left := *value * p.Factor
	switch p.Resource {
	case heal.CPU:
		l.CPU = max(left, leastCPU)
	case heal.Memory:
		l.Memory = uint64(left)
	case heal.Threads:
		// Threads that exist cannot be taken away; no new ones are let in.
		l.PIDs = int64(*value)
	}
	return l, nil
}

// lift takes a throttle back, by one step where one before it is known.
func lift(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	if a.Params.Resource == "" {
		return tune(ctx, r, a)
	}
	if err := r.Units.Lift(a.Agent); err != nil {
		return nil, err
	}
	l, known := r.stepBack(a.Agent, a.Params.Steps)
	if !known {
		return []string{"no throttle"}, nil
	}
	how, err := r.Units.Limit(a.Agent, l)
	return []string{how}, err
}
