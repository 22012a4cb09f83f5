// Package plan chooses the remedy for a diagnosed failure: which strategies have
// something to act on, what they cost and how likely they help, what the gate says, and
// why. The package is pure; its chance is derived from the incident.
package plan

import (
	"fmt"
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/engine/gate"
	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

// Input is what a choice is made from.
type Input struct {
	Incident string
	Now      heal.Stamp
	Policy   heal.Policy
	Diag     heal.Diagnosis
	// Book is what was learned so far. Past is set instead when a plan of the past is made
	// again: then what was believed at that time is taken from it.
	Book *learn.Book
	Past *heal.Plan
	// Tried counts the attempts of this incident by strategy.
	Tried map[heal.Strategy]int
	heal.Basis
}

// Make returns the plan and the verdict that decides about it. The plan's
// strategy is empty when nothing at all may be done now.
func Make(in Input) (heal.Plan, heal.Verdict) {
	c := newChoice(in)
	var blocked *heal.Verdict
	for _, o := range c.options {
		if !o.Offered {
			continue
		}
		v, may := gate.Decide(o.Verdicts)
		if may {
			return c.planFor(o, v, blocked), v
		}
		if blocked == nil {
			blocked = &v
		}
	}
	v := heal.Verdict{Rule: "ladder", Decision: heal.Deny, Reason: "no strategy is left"}
	if blocked != nil {
		v = *blocked
	}
	p := c.blank()
	p.Reason = v.Reason
	if v.Rule == "shadow" {
		p.Would, p.Success, p.Duration = c.would()
	}
	return p, v
}

// Allowed reports whether the gate lets a plan be carried out now.
func Allowed(in Input, p heal.Plan) bool {
	return len(gate.Evaluate(in.facts(p.Strategy, p.Risk))) == 0
}

// facts are what the gate looks at.
func (in Input) facts(s heal.Strategy, risk float64) gate.Facts {
	return gate.Facts{
		Now: in.Now, Policy: in.Policy, Strategy: s, Risk: risk, Type: in.Diag.Treated(), Confidence: in.Diag.Confidence, Free: Free(in, s),
		Basis: in.Basis,
	}
}

// blank is a plan with all that was considered, and nothing chosen.
func (c *choice) blank() heal.Plan {
	return heal.Plan{Options: c.options, Rules: gate.Names(), Basis: c.Basis.Kept(), Believed: c.lore.believed()}
}

// would is what would be done if the policy did not say shadow.
func (c *choice) would() (heal.Strategy, float64, time.Duration) {
	for _, o := range c.options {
		against := slices.IndexFunc(o.Verdicts, func(v heal.Verdict) bool {
			return v.Rule != "shadow" && v.Decision != heal.Allow && !slices.Contains(gate.Delaying, v.Rule)
		})
		if o.Offered && against < 0 {
			return o.Strategy, o.Success, o.Duration + c.delay(o)
		}
	}
	return "", 0, 0
}

// Risk factors of the design, section 5.
const riskCritical, riskRecurring = 1.3, 1.2

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

// Free reports that a plan costs no budget: to wait for a time that the evidence names, for
// something that is there again, or for the end of an outage, is no gamble.
func Free(in Input, s heal.Strategy) bool {
	return s == heal.WaitAndRetry && (in.Diag.Wait > 0 || in.Answered || in.Patient())
}

func (c *choice) planFor(o heal.Option, v heal.Verdict, blocked *heal.Verdict) heal.Plan {
	in := c.Input
	p := c.blank()
	p.Strategy, p.Success, p.Risk = o.Strategy, o.Success, o.Risk
	p.Delay = in.delay(o)
	if v.Decision == heal.Wait && v.Rule != gate.Asking {
		p.Delay = max(p.Delay, v.Until.Sub(in.Now))
	}
	p.Duration = o.Duration + p.Delay
	p.Reason = c.reason(o, blocked)
	p.Params = heal.Params{Reason: p.Reason}
	in.params(o.Strategy, &p.Params)
	if in.resumes(o.Strategy, &p.Params); in.Afresh != "" && starts(o.Strategy) && p.Params.Nudge == "" {
		p.Reason += "; it begins a new session and keeps the old one: " + in.Afresh
	}
	return p
}

// params says what a strategy is to do.
func (in Input) params(s heal.Strategy, p *heal.Params) {
	switch {
	case s == heal.Retry:
		p.Nudge = in.nudge()
	case s == heal.Reconfigure && in.Policy.Declared[s]:
		p.Steps, p.Factor = in.step(s), in.Policy.Throttle
	case s == heal.Reconfigure:
		p.Resource, p.Factor, p.Steps = in.Diag.Resource, math.Pow(in.Policy.Throttle, float64(1+in.Tried[s])), in.Levels[s]+1
		if p.Resource == "" {
			p.Resource = heal.CPU
		}
	case s == heal.DegradeGracefully:
		p.Steps = in.step(s)
	case s == heal.AlternativePath:
		p.Steps, p.Name = 1, in.way()
	case s == heal.Rollback:
		p.Back = in.Tried[s]
	}
}

// starts reports that a strategy may start the agent.
func starts(s heal.Strategy) bool { return s != heal.Escalate && s != heal.Isolate }

// resumes says whether the next run goes on where the one before was. State that was put back belongs to
// another session.
func (in Input) resumes(s heal.Strategy, p *heal.Params) {
	p.Resume = in.Policy.Resumes && in.Afresh == "" && starts(s) && s != heal.Rollback && p.Nudge == ""
}

// step is how far down to go: one step further than what is in force, and than what was
// tried in this incident and taken back because it was not enough.
func (in Input) step(s heal.Strategy) int {
	return min(in.Levels[s]+1+in.Tried[s], max(in.Policy.Steps[s], 1))
}

func (c *choice) reason(o heal.Option, blocked *heal.Verdict) string {
	switch {
	case o.Strategy == heal.Escalate && c.Diag.Cause.OnlyPeople():
		return c.Diag.Because
	case o.Strategy == heal.Retry && c.nudge() != "":
		return fmt.Sprintf("nudge %q is declared for %s", c.nudge(), c.Diag.Situation)
	case o.Strategy == heal.Retry && c.Diag.Cause == heal.Stopped:
		return "resume it (SIGCONT): " + c.Diag.Because
	case o.Strategy == heal.Escalate && blocked != nil:
		return blocked.String()
	case o.Strategy == heal.Escalate && c.dearer(o):
		return fmt.Sprintf("every other remedy for %s is expected to cost more than a person", c.Diag.Treated())
	case o.Strategy == heal.Escalate:
		return fmt.Sprintf("no other remedy is left for %s", c.Diag.Treated())
	case c.pinned() == o.Strategy:
		return "a person wants it first for this failure"
	case c.given && c.rank(o) == first:
		return "it has worked for this very failure before"
	case c.given:
		return fmt.Sprintf("first remedy for %s that can act and is allowed", c.Diag.Treated())
	case o.Explored:
		return fmt.Sprintf("nearly as good as the best by what is known (%s for each success), and less is known of it", o.Index.Round(time.Second))
	}
	return fmt.Sprintf("least expected loss, %s for each success", o.Index.Round(time.Second))
}

// dearer reports that something else was offered, but costs more.
func (c *choice) dearer(escalate heal.Option) bool {
	for _, o := range c.options {
		if o.Offered && o.Strategy != heal.Escalate && !c.given && o.Index > escalate.Index {
			return true
		}
	}
	return false
}
