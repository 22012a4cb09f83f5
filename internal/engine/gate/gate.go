// Package gate decides whether a plan may be carried out: an ordered list of
// rules, one file each. All are evaluated and kept, the first that does not
// allow decides. The package is pure.
package gate

import (
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

	Paused bool
	// Hold is why the agent is deliberately left alone; empty for no hold.
	Hold string
	// Unready says which agent that this one depends on is not ready; empty for none.
	Unready string
	// InFlight names the attempt that is being carried out.
	InFlight string
	// Running says that the agent is alive, TextOnly that nothing but built-in
	// rules on its output speaks against it.
	Running, TextOnly bool
	// Critical says that the agent, or what it was doing, is. Dependents is how many
	// healthy ones depend on it.
	Critical   bool
	Dependents int
	// Attempts are the budgeted attempts inside the budget's window, Last the
	// latest attempt at all.
	Attempts []heal.Stamp
	Last     heal.Stamp
	// JournalDown is why intents cannot be made durable; empty when they can.
	JournalDown string
}

// Rule is one condition.
type Rule struct {
	Name  string
	Judge func(Facts) (heal.Decision, string, heal.Stamp)
}

// Rules in the order in which they decide.
var Rules = []Rule{
	{"paused", paused},
	{"dry_run", dryRun},
	{"maintenance", maintenance},
	{"hold", hold},
	{"dependency", dependency},
	{"in_flight", inFlight},
	{"safety", safety},
	{"repeatable", repeatable},
	{"blast_radius", blastRadius},
	{"text_only", textOnly},
	{"confidence", confidence},
	{"journal", journalDown},
	{"risk_limit", riskLimit},
	{"cooldown", cooldown},
	{"budget", budget},
}

// Blocking are the rules that deny everything until something else changes: then
// the incident is judged again.
var Blocking = []string{"paused", "dry_run", "maintenance", "hold", "dependency"}

// Evaluate asks every rule and keeps every answer.
func Evaluate(f Facts) []heal.Verdict {
	verdicts := make([]heal.Verdict, 0, len(Rules))
	for _, r := range Rules {
		d, reason, until := r.Judge(f)
		verdicts = append(verdicts, heal.Verdict{Rule: r.Name, Decision: d, Reason: reason, Until: until})
	}
	return verdicts
}

// Deciding returns the first verdict that does not allow, or an allowing one.
func Deciding(verdicts []heal.Verdict) heal.Verdict {
	for _, v := range verdicts {
		if v.Decision != heal.Allow {
			return v
		}
	}
	return heal.Verdict{Rule: "all", Decision: heal.Allow}
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
