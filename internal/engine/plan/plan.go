// Package plan chooses the remedy for a diagnosed failure: which strategies have
// something to act on, what experience says about them, what the gate says, and
// why. The package is pure; its jitter is derived from the incident.
package plan

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/engine/gate"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// Constants of the choice.
const (
	// trustTrials outcomes of one fingerprint are needed before experience moves a
	// strategy; above trusted it comes first, below hopeless it comes last.
	trustTrials       = 3
	trusted, hopeless = 0.75, 0.4
	// defaultWait is how long wait_and_retry waits when the evidence names no time.
	defaultWait = 30 * time.Second
	// Risk factors of the design, section 5.
	riskCritical, riskRecurring = 1.3, 1.2
)

// Input is what a choice is made from.
type Input struct {
	Incident string
	Diag     heal.Diagnosis
	Ledger   *ledger.Ledger
	// Tried counts the attempts of this incident by strategy, Number all of them.
	Tried  map[heal.Strategy]int
	Number int
	// Score is the agent's failure memory before this failure.
	Score float64
	// Answered says that what the agent waited for is there again.
	Answered bool
	// Facts are the gate's, without strategy, risk and free.
	Facts gate.Facts
}

// Make returns the plan and the verdict that decides about it. The plan's
// strategy is empty when nothing at all may be done now.
func Make(in Input) (heal.Plan, heal.Verdict) {
	options := consider(in)
	var blocked *heal.Verdict
	for _, o := range options {
		if !o.Offered {
			continue
		}
		v := gate.Deciding(o.Verdicts)
		if v.Decision == heal.Allow || v.Decision == heal.Wait && v.Rule == "cooldown" {
			return in.planFor(o, v, options, blocked), v
		}
		if blocked == nil {
			blocked = &v
		}
	}
	v := heal.Verdict{Rule: "ladder", Decision: heal.Deny, Reason: "no strategy is left"}
	if blocked != nil {
		v = *blocked
	}
	return heal.Plan{Options: options, Reason: v.Reason}, v
}

// consider rates every strategy: those of the ladder in the order of choice, and
// after them, for the explanation, those that are not on it.
func consider(in Input) []heal.Option {
	ladder := in.Facts.Policy.Ladder(in.Diag.Type)
	options := make([]heal.Option, 0, len(heal.Profiles))
	for _, s := range ladder {
		options = append(options, in.option(s))
	}
	if in.Diag.Type != heal.SafetyViolation {
		slices.SortStableFunc(options, func(a, b heal.Option) int { return in.rank(a) - in.rank(b) })
	}
	for _, p := range heal.Profiles {
		if !slices.Contains(ladder, p.Strategy) {
			options = append(options, heal.Option{Strategy: p.Strategy, Why: fmt.Sprintf("not among the strategies for %s", in.Diag.Type)})
		}
	}
	return options
}

// rank puts what has proven itself first and what keeps failing last; escalate
// always closes the ladder.
func (in Input) rank(o heal.Option) int {
	x := in.Ledger.Experience(in.Facts.Policy.Agent, in.Diag.Type, in.Diag.Fingerprint, o.Strategy)
	switch {
	case o.Strategy == heal.Escalate:
		return 3
	case x.Trials >= trustTrials && x.Success < hopeless:
		return 2
	case x.Trials >= trustTrials && x.Success >= trusted:
		return 0
	}
	return 1
}

func (in Input) option(s heal.Strategy) heal.Option {
	profile := s.Profile()
	x := in.Ledger.Experience(in.Facts.Policy.Agent, in.Diag.Type, in.Diag.Fingerprint, s)
	o := heal.Option{Strategy: s, Success: x.Success, Risk: Risk(profile.Risk, in.Diag), Duration: profile.Duration, Tries: in.Tried[s]}
	if x.Mean > 0 {
		o.Duration = x.Mean
	}
	if o.Why = in.unfit(s); o.Why != "" {
		return o
	}
	if o.Tries >= in.Facts.Policy.TriesOf(s) {
		o.Why = fmt.Sprintf("already tried %d times for this incident", o.Tries)
		return o
	}
	o.Offered = true
	f := in.Facts
	f.Strategy, f.Risk, f.Free = s, o.Risk, Free(s, in.Diag)
	o.Verdicts = gate.Evaluate(f)
	return o
}

// Risk is the base risk times 1.3 for critical and 1.2 for recurring, at most 1.
func Risk(base float64, d heal.Diagnosis) float64 {
	if d.Critical {
		base *= riskCritical
	}
	if d.Recurring {
		base *= riskRecurring
	}
	return min(base, 1)
}

// Free reports that a plan costs no budget: waiting for a time that the evidence
// names is no gamble.
func Free(s heal.Strategy, d heal.Diagnosis) bool { return s == heal.WaitAndRetry && d.Wait > 0 }

// unfit says why a strategy has nothing to act on here; empty when it has.
func (in Input) unfit(s heal.Strategy) string {
	running := in.Facts.Running
	if why := in.Facts.Policy.Unfit[s]; why != "" {
		return why
	}
	switch s {
	case heal.Retry, heal.WaitAndRetry:
		if running {
			return "the agent is running; this runs an agent again that has ended"
		}
		if s == heal.WaitAndRetry && in.Diag.Type == heal.ResourceExhaustion && in.Diag.Wait == 0 {
			return "the evidence names no time at which the resource comes back"
		}
	case heal.Reconfigure:
		if !running {
			return "the agent is not running: there is nothing to throttle live"
		}
		if r := in.Diag.Resource; r != heal.CPU && r != heal.Memory && r != heal.Threads && r != "" {
			return fmt.Sprintf("%s cannot be throttled", r)
		}
	case heal.Isolate:
		if !running {
			return "the agent is not running: there is nothing to freeze"
		}
	case heal.Rollback, heal.DegradeGracefully, heal.AlternativePath, heal.Compensate:
		if !in.Facts.Policy.Declared[s] {
			return "not declared: the policy gives it nothing to act on"
		}
	}
	return ""
}

func (in Input) planFor(o heal.Option, v heal.Verdict, options []heal.Option, blocked *heal.Verdict) heal.Plan {
	p := heal.Plan{Strategy: o.Strategy, Success: o.Success, Risk: o.Risk, Options: options}
	p.Delay = in.delay(o.Strategy)
	if v.Decision == heal.Wait {
		p.Delay = max(p.Delay, v.Until.Sub(in.Facts.Now))
	}
	p.Duration = o.Duration + p.Delay
	p.Reason = in.reason(o, blocked)
	p.Params = heal.Params{Reason: p.Reason}
	if o.Strategy == heal.Reconfigure {
		p.Params.Resource, p.Params.Factor = in.Diag.Resource, in.Facts.Policy.Throttle
		if p.Params.Resource == "" {
			p.Params.Resource = heal.CPU
		}
	}
	return p
}

func (in Input) reason(o heal.Option, blocked *heal.Verdict) string {
	switch {
	case o.Strategy == heal.Escalate && blocked != nil:
		return fmt.Sprintf("%s: %s", blocked.Rule, blocked.Reason)
	case o.Strategy == heal.Escalate:
		return fmt.Sprintf("no other remedy is left for %s", in.Diag.Type)
	case in.rank(o) == 0:
		return "it has worked for this very failure before"
	}
	return fmt.Sprintf("first remedy for %s that can act and is allowed", in.Diag.Type)
}
