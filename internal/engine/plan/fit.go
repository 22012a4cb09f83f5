package plan

import (
	"fmt"
	"slices"

	"healer-sidecar/internal/heal"
)

// unfit says why a strategy has nothing to act on here; empty when it has.
// Named says that the evidence names a time to wait that is believed.
func (in Input) unfit(s heal.Strategy, named bool) string {
	if why := in.Policy.Unfit[s]; why != "" {
		return why
	}
	if s == heal.Retry && in.nudge() != "" {
		return ""
	}
	if in.Diag.Cause.OnlyPeople() && s != heal.Escalate {
		return "only a person can help: " + in.Diag.Because
	}
	if why := in.hopelessInOutage(s); why != "" {
		return why
	}
	running, declared := in.Running, in.Policy.Declared[s]
	switch s {
	case heal.Retry, heal.WaitAndRetry:
		return in.unfitToRun(s, named)
	case heal.Restart:
		if named {
			return "the evidence says when to try again"
		}
	case heal.Reconfigure:
		if declared && in.Levels[s]+in.Tried[s] >= in.Policy.Steps[s] && in.Policy.Steps[s] > 0 {
			return "its tunables are as low as they may be, or were"
		}
		if declared {
			return ""
		}
		if !running {
			return "the agent is not running: there is nothing to throttle live"
		}
		if t := in.Diag.Treated(); in.Diag.Resource == "" && t != heal.ResourceExhaustion && t != heal.PerformanceDegradation {
			return "nothing speaks of a resource that could be throttled, and no tunable is declared"
		}
		if r := in.Diag.Resource; r != heal.CPU && r != heal.Memory && r != heal.Threads && r != "" {
			return fmt.Sprintf("%s cannot be throttled", r)
		}
	case heal.Isolate:
		if !running && !declared {
			return "the agent is not running: there is nothing to freeze"
		}
	case heal.Rollback, heal.DegradeGracefully, heal.AlternativePath, heal.Compensate:
		if !declared {
			return "not declared: the policy gives it nothing to act on"
		}
		return in.spent(s)
	}
	return ""
}

// spent says why a strategy that is declared has nothing left to act on.
func (in Input) spent(s heal.Strategy) string {
	p := in.Policy
	switch {
	case s == heal.DegradeGracefully && p.Steps[s] > 0 && in.Levels[s]+in.Tried[s] >= p.Steps[s]:
		return fmt.Sprintf("all %d steps down are in force or were tried", p.Steps[s])
	case s == heal.AlternativePath && len(p.Alternatives) > 0 && in.way() == "":
		return "every alternative is in force or was tried"
	case s == heal.Rollback && p.SnapshotAfter > 0 && in.Generations <= in.Tried[s]:
		return "no good generation was kept yet, or all were put back"
	}
	return ""
}

// way is the alternative to take next; empty for none.
func (in Input) way() string {
	all := in.Policy.Alternatives
	at := slices.IndexFunc(all, func(w heal.Way) bool { return w.Name == in.Way })
	if next := at + 1 + in.Tried[heal.AlternativePath]; next < len(all) {
		return all[next].Name
	}
	return ""
}

// unfitToRun is unfit of those that run an agent again.
func (in Input) unfitToRun(s heal.Strategy, named bool) string {
	switch {
	case in.Running && in.Diag.Cause == heal.Stopped && s == heal.Retry:
		return "" // it lets the stopped processes go on
	case in.Running:
		return "the agent is running; this runs an agent again that has ended"
	case (s == heal.Retry || s == heal.Restart) && named:
		return "the evidence says when to try again"
	case s == heal.WaitAndRetry && in.Diag.Treated() == heal.ResourceExhaustion && in.Diag.Wait == 0 && in.Diag.Resource != "":
		return "the evidence names no time at which the resource comes back"
	}
	return ""
}
