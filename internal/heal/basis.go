package heal

import "time"

// Basis is what a plan was made on, beside the diagnosis and what was learned. It is kept
// with the plan, so that another policy can be tried on it.
type Basis struct {
	Paused bool `json:"paused,omitempty"`
	// Hold is why the agent is deliberately left alone; empty for no hold.
	Hold string `json:"hold,omitempty"`
	// Unready says what the agent depends on and cannot have; empty for nothing.
	Unready string `json:"unready,omitempty"`
	// InFlight names the attempt that is being carried out.
	InFlight string `json:"in_flight,omitempty"`
	// Running says that the agent is alive, TextOnly that nothing but built-in
	// rules on its output speaks against it.
	Running  bool `json:"running,omitempty"`
	TextOnly bool `json:"text_only,omitempty"`
	// Critical says that the agent, or what it was doing, is. Dependents is how many
	// healthy ones depend on it.
	Critical   bool `json:"critical,omitempty"`
	Dependents int  `json:"dependents,omitempty"`
	// Attempts are the budgeted attempts inside the budget's window, Last the
	// latest attempt at all.
	Attempts []Stamp `json:"attempts,omitempty"`
	Last     Stamp   `json:"last,omitzero"`
	// Number is how many attempts the incident has seen.
	Number int `json:"number,omitempty"`
	// Root is the failure that this one comes from, how sure that is, and until when it is
	// waited for; empty for none.
	Root      string  `json:"root,omitempty"`
	RootSure  float64 `json:"root_sure,omitempty"`
	RootUntil Stamp   `json:"root_until,omitzero"`
	// Storm says why attempts are spread out, StormTurn when the next may be made.
	Storm     string `json:"storm,omitempty"`
	StormTurn Stamp  `json:"storm_turn,omitzero"`
	// Lag is how late the sidecar was recently, LagUntil when that is over; ByClock says
	// that only clocks of ours speak against the agent.
	Lag      time.Duration `json:"lag,omitempty"`
	LagUntil Stamp         `json:"lag_until,omitzero"`
	ByClock  bool          `json:"by_clock,omitempty"`
	// Away is how many running agents are being stopped or frozen now to be healed, Ahead how
	// many have waited for longer, Parallel how many may be at a time, and RepairTurn when it is
	// the turn of this one.
	Away       int   `json:"away,omitempty"`
	Ahead      int   `json:"ahead,omitempty"`
	Parallel   int   `json:"parallel,omitempty"`
	RepairTurn Stamp `json:"repair_turn,omitzero"`
	// HostTurn is when all agents together may make the next attempt; zero when they may at
	// once.
	HostTurn Stamp `json:"host_turn,omitzero"`
	// Fleet is the fleet incident that the failure belongs to, FleetTurn when it is the turn of
	// this host and FleetWhy what it waits for, FleetPassed what another host has tried in vain.
	Fleet       string     `json:"fleet,omitempty"`
	FleetTurn   Stamp      `json:"fleet_turn,omitzero"`
	FleetWhy    string     `json:"fleet_why,omitempty"`
	FleetPassed []Strategy `json:"fleet_passed,omitempty"`
	// Answers are those of people who were asked; Unanswered says that nobody answered in
	// time, and is not asked again.
	Answers    map[Strategy]Answer `json:"answers,omitempty"`
	Unanswered bool                `json:"unanswered,omitempty"`
	// Preventive says that nothing has failed yet. SafePoint says that the agent can be
	// interrupted now, SafeUntil how long that may be waited for, Prevented when the
	// latest preventive attempt was made.
	Preventive bool  `json:"preventive,omitempty"`
	SafePoint  bool  `json:"safe_point,omitempty"`
	SafeUntil  Stamp `json:"safe_until,omitzero"`
	Prevented  Stamp `json:"prevented,omitzero"`
	// Levels is how many steps of each measure are in force, Way the alternative that is.
	Levels map[Strategy]int `json:"levels,omitempty"`
	Way    string           `json:"way,omitempty"`
	// Afresh says why the next run must not resume the session of the one before; empty when it may.
	Afresh string `json:"afresh,omitempty"`
	// Generations is how many good ones were kept.
	Generations int `json:"generations,omitempty"`
	// JournalDown is why intents cannot be made durable; empty when they can.
	JournalDown string `json:"journal_down,omitempty"`

	// Score is the agent's failure memory before this failure.
	Score float64 `json:"score,omitempty"`
	// Answered says that what the agent waited for is there again.
	Answered bool `json:"answered,omitempty"`
	// Elapsed is how long the incident lasts, Probed when its cause was last found to be
	// still there, since its beginning.
	Elapsed time.Duration `json:"elapsed,omitempty"`
	Probed  time.Duration `json:"probed,omitempty"`
	// Trust is how much a time to wait that the evidence names is believed, Pinned the
	// strategy that a person wants first.
	Trust  float64  `json:"trust,omitempty"`
	Pinned Strategy `json:"pinned,omitempty"`
}

// Answer is what a person says to a question, and until when that is waited for.
type Answer struct {
	Until   Stamp `json:"until"`
	Given   bool  `json:"given,omitempty"`
	Refused bool  `json:"refused,omitempty"`
}

// mostAttempts bounds how many attempts are kept with a plan.
const mostAttempts = 50

// Kept is the basis as it is kept with the plan.
func (b Basis) Kept() Basis {
	b.Attempts = b.Attempts[max(len(b.Attempts)-mostAttempts, 0):]
	return b
}
