// Package gate decides whether a plan may be carried out: an ordered list of
// rules, one file each. All are evaluated, what does not allow is kept, and the first of
// that decides. The package is pure.
package gate

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// Facts are everything a rule may look at.
type Facts struct {
	Now    heal.Stamp
	Policy heal.Policy
	// Strategy and Risk are those of the plan.
	Strategy heal.Strategy
	Risk     float64
	// Type is what the failure was diagnosed as.
	Type heal.ErrorType
	// Confidence is how sure that is.
	Confidence float64
	// Free plans do not count against the budget.
	Free bool
	// Basis is what the plan is made on.
	heal.Basis
}

// Rule is one condition.
type Rule struct {
	Name  string
	Judge func(Facts) (heal.Decision, string, heal.Stamp)
}

// Rules in the order in which they decide.
var Rules = []Rule{
	{"paused", paused},
	{"shadow", shadow},
	{"maintenance", maintenance},
	{"quiet_hours", quietHours},
	{"forbidden", forbidden},
	{"protected", protected},
	{"hold", hold},
	{"dependency", dependency},
	{"in_flight", inFlight},
	{"safety", safety},
	{"repeatable", repeatable},
	{"cascade", cascade},
	{"starved", starved},
	{"blast_radius", blastRadius},
	{"text_only", textOnly},
	{"confidence", confidence},
	{"journal", journalDown},
	{"risk_limit", riskLimit},
	{"prevention", prevention},
	{"storm", storm},
	{"repairs", repairs},
	{"fleet", fleet},
	{"cooldown", cooldown},
	{"budget", budget},
	{"host_budget", hostBudget},
	{"approval", approval},
}

// Blocking are the rules that deny everything until something else changes: then
// the incident is judged again.
var Blocking = []string{"paused", "shadow", "maintenance", "hold", "dependency", "in_flight", "cascade"}

// Delaying are the rules for which a plan only has to wait its turn.
var Delaying = []string{"cooldown", "storm", "repairs", "fleet", "starved", "host_budget", "prevention"}

// Asking is the rule for which people are asked.
const Asking = "approval"

// Evaluate asks every rule and returns what does not allow, in the order of the rules.
func Evaluate(f Facts) []heal.Verdict {
	var against []heal.Verdict
	for _, r := range Rules {
		if d, reason, until := r.Judge(f); d != heal.Allow {
			against = append(against, heal.Verdict{Rule: r.Name, Decision: d, Reason: reason, Until: until})
		}
	}
	return against
}

// Names are those of all rules, in their order; they must not be changed.
func Names() []string { return names }

var names = func() []string {
	all := make([]string, len(Rules))
	for i, r := range Rules {
		all[i] = r.Name
	}
	return all
}()

// Decide says whether a plan may be chosen, and the verdict that decides: the first that
// rules it out; else, with the latest of their times, one for which it has to wait its turn;
// else the question to a person.
func Decide(against []heal.Verdict) (v heal.Verdict, may bool) {
	v = heal.Verdict{Rule: "all", Decision: heal.Allow}
	for _, one := range against {
		waits := one.Decision == heal.Wait && slices.Contains(Delaying, one.Rule)
		switch {
		case !waits && (one.Rule != Asking || one.Decision != heal.Wait):
			return one, false
		case waits && v.Decision == heal.Wait && v.Rule != Asking:
			v.Until = v.Until.Later(one.Until)
		case waits || v.Decision == heal.Allow:
			v = one
		}
	}
	return v, true
}

// allow is the answer of a rule that has nothing against the plan.
func allow() (heal.Decision, string, heal.Stamp) { return heal.Allow, "", heal.Stamp{} }

func deny(reason string) (heal.Decision, string, heal.Stamp) {
	return heal.Deny, reason, heal.Stamp{}
}

func wait(reason string, until heal.Stamp) (heal.Decision, string, heal.Stamp) {
	return heal.Wait, reason, until
}

// mild strategies protect people and the host and are never held back by limits
// on healing.
func mild(s heal.Strategy) bool { return s == heal.Escalate || s == heal.Isolate }

func round(d time.Duration) time.Duration { return d.Round(time.Second) }
