package heal

import (
	"strings"
	"time"
)

// Plan is a chosen strategy with the reasons for it.
type Plan struct {
	Strategy Strategy      `json:"strategy"`
	Params   Params        `json:"params"`
	Delay    time.Duration `json:"delay,omitempty"`
	Duration time.Duration `json:"duration"`
	Success  float64       `json:"success"`
	Risk     float64       `json:"risk"`
	Reason   string        `json:"reason"`
	// Believed are the kinds of failure that this looks like, with how surely.
	Believed []Belief `json:"believed,omitempty"`
	// Would is what would be done if the policy did not say shadow.
	Would Strategy `json:"would,omitempty"`
	// Verdict is what delays or denies it, where something does.
	Verdict *Verdict `json:"verdict,omitempty"`
	// Options are all strategies considered, the chosen one included.
	Options []Option `json:"options"`
	// Rules are those of the gate that were asked about each offered option.
	Rules []string `json:"rules,omitempty"`
	// Basis is what it was made on.
	Basis Basis `json:"basis"`
}

// Params are the arguments of an attempt. A strategy reads its own and ignores the rest.
type Params struct {
	// Resource names what reconfigure throttles.
	Resource Resource `json:"resource,omitempty"`
	// Factor is the share of the present use that reconfigure leaves.
	Factor float64 `json:"factor,omitempty"`
	// Steps is how many steps of a measure are to be in force, Name the alternative that is.
	Steps int    `json:"steps,omitempty"`
	Name  string `json:"name,omitempty"`
	// Back is how many good generations are passed over: later ones did not help.
	Back int `json:"back,omitempty"`
	// WellSince is since when the agent has been well, for a snapshot that must be proven.
	WellSince time.Time `json:"well_since,omitzero"`
	// Generation is the one that a person wants; 0 for the latest.
	Generation int `json:"generation,omitempty"`
	// Nudge names the input that a living agent gets instead of being started again.
	Nudge string `json:"nudge,omitempty"`
	// Resume says that the agent goes on where it was; without it a run begins afresh.
	Resume bool `json:"resume,omitempty"`
	// Limit is the limit of spending that is used up; Stop says that isolate ends the agent in place
	// of freezing it.
	Limit SpendWindow `json:"limit,omitempty"`
	Stop  bool        `json:"stop,omitempty"`
	// Reason is told to people by escalate and isolate.
	Reason string `json:"reason,omitempty"`
	// Resolved says that people are notified that it is over.
	Resolved bool `json:"resolved,omitempty"`
	// Quiet says that a person knows of it already: only the log is told.
	Quiet bool `json:"quiet,omitempty"`
	// Hold says that escalate leaves the agent down until a person releases it.
	Hold bool `json:"hold,omitempty"`
}

// Option is one strategy that the planner considered.
type Option struct {
	Strategy Strategy      `json:"strategy"`
	Offered  bool          `json:"offered"`
	Why      string        `json:"why,omitempty"`
	Success  float64       `json:"success,omitempty"`
	Risk     float64       `json:"risk,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`
	Tries    int           `json:"tries,omitempty"`
	// Index is the expected loss for each unit of success: the least is tried first.
	Index time.Duration `json:"index,omitempty"`
	// Low and High bound the chance of success with 80 %.
	Low  float64 `json:"low,omitempty"`
	High float64 `json:"high,omitempty"`
	// Wait is how long to wait before it acts.
	Wait time.Duration `json:"wait,omitempty"`
	// Verdicts are those of the gate that do not allow it, the deciding one first.
	Verdicts []Verdict `json:"verdicts,omitempty"`
	// Known is how many outcomes of it were seen for this failure.
	Known float64 `json:"known,omitempty"`
	// Explored says that it went first to learn about it.
	Explored bool `json:"explored,omitempty"`
}

// Belief is a kind of failure and how much it is believed.
type Belief struct {
	Like string  `json:"like"`
	Much float64 `json:"much"`
}

// Decision is what a gate rule says about a plan.
type Decision string

// The decisions of a gate rule. Wait denies the plan now and says when to ask again.
const (
	Allow Decision = "allow"
	Wait  Decision = "wait"
	Deny  Decision = "deny"
)

// Verdict is the answer of one gate rule.
type Verdict struct {
	Rule     string   `json:"rule"`
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason,omitempty"`
	// Until is when a waiting plan may be asked again; zero when nobody knows.
	Until Stamp `json:"until,omitzero"`
}

// String is the verdict for people: the rule, and its reason where that does not name it.
func (v Verdict) String() string {
	if strings.HasPrefix(v.Reason, v.Rule) {
		return v.Reason
	}
	return v.Rule + ": " + v.Reason
}
