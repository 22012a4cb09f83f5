package actions

import (
	"context"
	"fmt"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

// leastCPU is the share of a core that a throttled agent keeps, in percent.
const leastCPU = 5

// reconfigure leaves the agent a share of what it uses now of the resource in
// question. Without the right to limit by cgroup, only the processor can be
// throttled, by weaker means.
func reconfigure(_ context.Context, r *Runner, a heal.Attempt) ([]string, error) {
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
	return []string{how}, nil
}

// throttled turns present use and a factor into limits.
func throttled(use host.Usage, p heal.Params) (host.Limits, error) {
	var l host.Limits
	value := map[heal.Resource]*float64{heal.CPU: use.CPU, heal.Memory: use.RSS, heal.Threads: use.Threads}[p.Resource]
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

// lift takes a throttle back.
func lift(_ context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	return nil, r.Units.Lift(a.Agent)
}
