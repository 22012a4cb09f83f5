package heal

import (
	"slices"
	"time"
)

// Strategy is a remedy: one of ten.
type Strategy string

// The ten strategies of the design, section 5.
const (
	Retry             Strategy = "retry"
	WaitAndRetry      Strategy = "wait_and_retry"
	Restart           Strategy = "restart"
	Rollback          Strategy = "rollback"
	Reconfigure       Strategy = "reconfigure"
	DegradeGracefully Strategy = "degrade_gracefully"
	AlternativePath   Strategy = "alternative_path"
	Compensate        Strategy = "compensate"
	Isolate           Strategy = "isolate"
	Escalate          Strategy = "escalate"
)

// Profile is what is known about a strategy before anything was learned.
type Profile struct {
	Strategy Strategy
	// Success is the prior probability that the remedy works.
	Success float64
	// Risk in [0,1] is weighed against the policy's risk limit.
	Risk float64
	// Duration is the expected time until the agent is useful again.
	Duration time.Duration
	// Tries is how often one incident may use the strategy.
	Tries int
	// Disruptive strategies touch a running process or its data and therefore
	// need more than text as evidence (law 3).
	Disruptive bool
	// Undo says that a failed attempt is taken back before the next rung.
	Undo bool
}

// Profiles are the priors of the design, section 5, in its order.
var Profiles = []Profile{
	{Retry, 0.70, 0.2, 10 * time.Second, 3, false, false},
	{WaitAndRetry, 0.75, 0.2, 35 * time.Second, 2, false, false},
	{Restart, 0.85, 0.5, 60 * time.Second, 2, true, false},
	{Rollback, 0.90, 0.3, 20 * time.Second, 2, true, true},
	{Reconfigure, 0.80, 0.4, 30 * time.Second, 2, false, true},
	{DegradeGracefully, 0.90, 0.3, 15 * time.Second, 2, false, true},
	{AlternativePath, 0.80, 0.4, 20 * time.Second, 1, true, true},
	{Compensate, 0.70, 0.5, 25 * time.Second, 1, true, false},
	{Isolate, 0.95, 0.2, 5 * time.Second, 1, true, false},
	{Escalate, 1.00, 0.1, 5 * time.Second, 1, false, false},
}

// Valid reports whether s is one of the ten.
func (s Strategy) Valid() bool {
	return slices.ContainsFunc(Profiles, func(p Profile) bool { return p.Strategy == s })
}

// OnlyRuns reports that the strategy only runs the agent again: it succeeds once the cause
// is gone, and changes nothing else.
func (s Strategy) OnlyRuns() bool { return s == Retry || s == WaitAndRetry || s == Restart }

// Profile returns the priors of s; the zero profile for a word that is no strategy.
func (s Strategy) Profile() Profile {
	for _, p := range Profiles {
		if p.Strategy == s {
			return p
		}
	}
	return Profile{Strategy: s}
}

// DefaultLadder is what may be tried for an error type when the policy names nothing,
// always ending in escalate: everything that is not excluded. In which order is for the
// expected cost to say.
func DefaultLadder(t ErrorType, c Cause) []Strategy {
	ladder := make([]Strategy, 0, len(Profiles))
	without := excluded[t]
	if c == Busy { // what something else has is given back some time
		without = []Strategy{Restart, Isolate}
	}
	if c.NeedsPeople() {
		without = []Strategy{Retry, WaitAndRetry, Restart, Isolate}
	}
	for _, p := range Profiles {
		if p.Strategy != Escalate && !slices.Contains(without, p.Strategy) {
			ladder = append(ladder, p.Strategy)
		}
	}
	switch {
	case t == SafetyViolation:
		ladder = []Strategy{Isolate}
	case c == Stopped:
		ladder = []Strategy{Retry, Restart}
	case c.OnlyPeople():
		ladder = nil
	}
	return append(ladder, Escalate)
}

// NeedsPeople reports a cause that no further run of the same program can mend: people can, or
// something else that the policy declares, as an alternative.
func (c Cause) NeedsPeople() bool {
	switch c {
	case Auth, Billing, Missing, Clock, Context:
		return true
	}
	return false
}

// excluded are remedies that would burn starts on what a start cannot mend, or park an
// agent that only lacks something (design, section 5).
var excluded = map[ErrorType][]Strategy{
	ConfigurationError:     {Retry, WaitAndRetry, Restart, Isolate},
	ExecutionFailure:       {Isolate},
	ResourceExhaustion:     {Isolate, Retry},
	CommunicationError:     {Isolate},
	PerformanceDegradation: {Isolate},
	DependencyFailure:      {Isolate, Restart, Retry},
	GoalConflict:           {Retry},
	LearningFailure:        {Isolate, Retry, WaitAndRetry},
	Unknown:                {Isolate},
}
