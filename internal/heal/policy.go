package heal

import "time"

// Policy is what the operator allows for one agent, as plain values.
type Policy struct {
	Agent    string `json:"agent"`
	Critical bool   `json:"critical,omitempty"`
	// Class names agents that learn together; empty for the agent alone.
	Class string `json:"class,omitempty"`
	// Unrepeatable says that what the agent was doing must not be done twice.
	Unrepeatable bool `json:"unrepeatable,omitempty"`
	// Dependents is how many depend on the agent beside those of this policy.
	Dependents int `json:"dependents,omitempty"`
	// Costs override what remedies cost, Person what it costs to call one.
	Costs  map[Strategy]Cost `json:"costs,omitempty"`
	Person time.Duration     `json:"person,omitempty"`
	// DependsOn are agents that must be ready before this one is started.
	DependsOn []string `json:"depends_on,omitempty"`
	// RiskLimit in [0,1]: a plan above it becomes escalate.
	RiskLimit float64 `json:"risk_limit"`
	// VerifyFor is how long signals must stay clear before an attempt counts.
	VerifyFor time.Duration `json:"verify_for"`
	// HealthyAfter is the uptime that halves the remembered failures.
	HealthyAfter time.Duration `json:"healthy_after"`
	// Cooldown is the least time between two attempts on the agent.
	Cooldown time.Duration `json:"cooldown,omitempty"`
	Budget   Budget        `json:"budget"`
	Backoff  Backoff       `json:"backoff"`
	// Maintenance are times in which nothing is done.
	Maintenance []Window `json:"maintenance,omitempty"`
	// LeastConfidence is how sure a diagnosis must be for a disruptive remedy.
	LeastConfidence float64 `json:"least_confidence,omitempty"`
	// QuietHours are times in which nothing disruptive is done to what runs.
	QuietHours []Window `json:"quiet_hours,omitempty"`
	// Forbid names strategies that are never used, Approve those for which a person is
	// asked, who has ApproveWithin to answer.
	Forbid        []Strategy    `json:"forbid,omitempty"`
	Approve       []Strategy    `json:"approve,omitempty"`
	ApproveWithin time.Duration `json:"approve_within,omitempty"`
	// AskFor is how long an agent that can be asked for a point at which it may be
	// interrupted has to answer; 0 for one that cannot be asked.
	AskFor time.Duration `json:"ask_for,omitempty"`
	// Spend is what it may spend.
	Spend Spending `json:"spend,omitzero"`
	// Prevent is the consent to act before anything has failed.
	Prevent Prevention `json:"prevent,omitzero"`
	// Protected agents are run again when they are down, and never touched while they run.
	Protected bool `json:"protected,omitempty"`
	// Shadow decides and records but never acts.
	Shadow bool `json:"shadow,omitempty"`
	// OnLimit says what follows when no remedy is left.
	OnLimit OnLimit `json:"on_limit"`
	// Ladders are the operator's strategies per type; absent types use the default.
	Ladders map[ErrorType][]Strategy `json:"ladders,omitempty"`
	// Learned says for which of them the order is left to experience.
	Learned map[ErrorType]bool `json:"learned,omitempty"`
	// Tries bounds how often one incident may use a strategy; absent ones use the
	// strategy's own bound.
	Tries map[Strategy]int `json:"tries,omitempty"`
	// Unfit says for strategies why they cannot act on this agent at all.
	Unfit map[Strategy]string `json:"unfit,omitempty"`
	// EaseAfter is the healthy time after which a measure that helped is eased by a step.
	EaseAfter time.Duration `json:"ease_after"`
	// GiveUpAfter is how long an outage is outlasted at least, when the agent is down for what
	// only time mends; 0 leaves it to the tries and the budget.
	GiveUpAfter time.Duration `json:"give_up_after,omitempty"`
	// Throttle is the share of the present use that reconfigure leaves.
	Throttle float64 `json:"throttle"`
	// Declared says which strategies have something to act on.
	Declared map[Strategy]bool `json:"declared,omitempty"`
	// Nudges are the inputs that help a living agent, in their order.
	Nudges []Nudge `json:"nudges,omitempty"`
	// Resumes says that the agent can go on where it was.
	Resumes bool `json:"resumes,omitempty"`
	// Steps is how many steps down there are.
	Steps map[Strategy]int `json:"steps,omitempty"`
	// Alternatives are the other ways, in order.
	Alternatives []Way `json:"alternatives,omitempty"`
	// SnapshotAfter is the healthy time after which good generations are kept, and
	// SnapshotEvery how often at most; zero for no snapshots.
	SnapshotAfter time.Duration `json:"snapshot_after,omitempty"`
	SnapshotEvery time.Duration `json:"snapshot_every,omitempty"`
}

// Way is a declared alternative.
type Way struct {
	Name string `json:"name"`
	// Primary is the dependency that must answer before the way back is taken.
	Primary string `json:"primary,omitempty"`
}

// Nudge is an input for a living agent whose session is in one of the situations On.
type Nudge struct {
	Name string   `json:"name"`
	On   []string `json:"on"`
}

// Prevention is the consent to act on what is foretold.
type Prevention struct {
	// Strategies may be used; none for no consent.
	Strategies []Strategy `json:"strategies,omitempty"`
	// At are times in which that costs little; beside them a safe point is waited for.
	At []Window `json:"at,omitempty"`
}

// Budget bounds the automatic attempts on one agent inside a sliding window.
type Budget struct {
	Attempts int           `json:"attempts"`
	Window   time.Duration `json:"window"`
}

// Backoff is the growing delay between starts: Base x Factor^(n-1), at most Max,
// with up to a tenth of jitter either way.
type Backoff struct {
	Base   time.Duration `json:"base"`
	Factor float64       `json:"factor"`
	Max    time.Duration `json:"max"`
}

// OnLimit is what to do when the ladder or the budget is spent.
type OnLimit string

// Slow keeps trying at long intervals, Stop leaves the agent down, Hold waits
// for a person. All three notify.
const (
	OnLimitSlow OnLimit = "slow"
	OnLimitStop OnLimit = "stop"
	OnLimitHold OnLimit = "hold"
)

// DefaultPolicy is the policy of an agent whose heal block says nothing.
func DefaultPolicy(agent string) Policy {
	return Policy{
		Agent: agent, RiskLimit: 0.8, VerifyFor: 30 * time.Second, HealthyAfter: 30 * time.Second,
		Budget:  Budget{Attempts: 5, Window: 10 * time.Minute},
		Backoff: Backoff{Base: 5 * time.Second, Factor: 2, Max: 5 * time.Minute},
		OnLimit: OnLimitSlow, Throttle: 0.7, ApproveWithin: 15 * time.Minute, EaseAfter: 5 * time.Minute,
	}
}

// Host is what the operator allows for all agents together.
type Host struct {
	// Restarts is how many attempts all agents together have saved up at most, and Window
	// the time in which that many are saved anew. Zero Restarts derives both.
	Restarts int           `json:"restarts,omitempty"`
	Window   time.Duration `json:"window,omitempty"`
	// Parallel is how many running agents may be taken away at a time to be healed; 0 for a
	// quarter of them.
	Parallel int `json:"parallel,omitempty"`
	// AlarmAfter is how long an agent may be unwell without an action before people are
	// told.
	AlarmAfter time.Duration `json:"alarm_after"`
	// Fleet says that the hosts of a group share budgets and common causes.
	Fleet bool `json:"fleet,omitempty"`
}

// DefaultHost is what holds when the policy says nothing.
func DefaultHost() Host { return Host{AlarmAfter: 10 * time.Minute} }

// leastTokens are for up to two agents, agentTokens for each of more; one of those comes
// back in tokenWindow (ENGINE.md 2.12).
const (
	leastTokens, agentTokens = 6, 3
	tokenEvery               = 20 * time.Second
	tokenWindow              = 2 * time.Minute
)

// leastPlaces running agents may be healed at a time on any host, and one in placesShare of more.
const leastPlaces, placesShare = 2, 4

// Places is how many of so many running agents may be taken away at a time to be healed.
func (h Host) Places(agents int) int {
	if h.Parallel > 0 {
		return h.Parallel
	}
	return max(leastPlaces, (agents+placesShare-1)/placesShare)
}

// Bucket is how many attempts may be saved up, and how long it takes to save one. Without a
// word of the operator it grows with the number of agents, and is never less than what is
// allowed to one of them.
func (h Host) Bucket(agents []Policy) (most int, every time.Duration) {
	if h.Restarts > 0 {
		return h.Restarts, h.Window / time.Duration(h.Restarts)
	}
	most = max(leastTokens, agentTokens*len(agents))
	every = min(tokenEvery, tokenWindow/time.Duration(max(len(agents), 1)))
	for _, p := range agents {
		if n := p.Budget.Attempts; n > 0 {
			most, every = max(most, n), min(every, p.Budget.Window/time.Duration(n))
		}
	}
	return most, every
}

// ClassOf is the class that the agent learns with.
func (p Policy) ClassOf() string {
	if p.Class != "" {
		return p.Class
	}
	return p.Agent
}

// CostOf is what a strategy costs.
func (p Policy) CostOf(s Strategy) Cost {
	if c, ok := p.Costs[s]; ok {
		return c
	}
	return usualCosts[s]
}

// PersonCost is what it costs to call a person: response, mending and toil.
func (p Policy) PersonCost() time.Duration {
	if p.Person > 0 {
		return p.Person
	}
	return usualPerson
}

// TriesOf is how often one incident may use a strategy.
func (p Policy) TriesOf(s Strategy) int {
	if n, ok := p.Tries[s]; ok {
		return n
	}
	return s.Profile().Tries
}

// Ladder returns the strategies that may be tried for a type and cause, always ending in escalate, and
// whether the operator gave them in this order.
func (p Policy) Ladder(t ErrorType, c Cause) (ladder []Strategy, given bool) {
	ladder, ok := p.Ladders[t]
	if !ok && c == Context && p.Resumes {
		c = "" // a new session has room again
	}
	if !ok {
		return DefaultLadder(t, c), false
	}
	if len(ladder) == 0 || ladder[len(ladder)-1] != Escalate {
		ladder = append(ladder[:len(ladder):len(ladder)], Escalate)
	}
	return ladder, !p.Learned[t]
}
