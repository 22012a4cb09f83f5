package heal

import "time"

// Attempt is one execution of a plan, or of a task beside the plans.
type Attempt struct {
	ID       string   `json:"id"`
	Agent    string   `json:"agent"`
	Incident string   `json:"incident,omitempty"`
	Strategy Strategy `json:"strategy,omitempty"`
	// Task is set instead of Strategy when it follows from an order, or from no failure.
	Task Task `json:"task,omitempty"`
	// Undo marks the attempt that takes an earlier one back.
	Undo bool `json:"undo,omitempty"`
	// Ease marks an undo that takes back one step of what helped, after healthy time.
	Ease bool `json:"ease,omitempty"`
	// Preventive marks one that is made before anything has failed.
	Preventive bool `json:"preventive,omitempty"`
	// Drill marks one against a fault that was put in on purpose: it has a budget of its own.
	Drill  bool   `json:"drill,omitempty"`
	Params Params `json:"params"`
	// Type and Fingerprint are those of the failure that it is for.
	Type        ErrorType `json:"type,omitempty"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	// Diagnosis is told to people by escalate and isolate.
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`
	// Score is the agent's failure memory after this attempt.
	Score float64 `json:"score,omitempty"`
}

// Result is what the executor reports about an attempt. It says what was done,
// never whether it helped: that is for verification to find out.
type Result struct {
	Attempt string        `json:"attempt"`
	Error   string        `json:"error,omitempty"`
	InForce []string      `json:"in_force,omitempty"`
	Took    time.Duration `json:"took"`
	// Generations is how many good generations there are now, after a snapshot.
	Generations int `json:"generations,omitempty"`
}

// Outcome is the verdict of verification on an attempt or an incident.
type Outcome string

// The outcomes. Unknown is not a success.
const (
	Recovered      Outcome = "recovered"
	Relapsed       Outcome = "relapsed"
	Failed         Outcome = "failed"
	OutcomeUnknown Outcome = "unknown"
	// ReleasedByOperator is the end of an incident whose agent a person released: nothing was healed.
	ReleasedByOperator Outcome = "released_by_operator"
)

// Lesson is what one verified attempt teaches.
type Lesson struct {
	Agent string `json:"agent"`
	// Class is the agent's: those of one class learn together.
	Class       string        `json:"class"`
	Type        ErrorType     `json:"type"`
	Fingerprint string        `json:"fingerprint"`
	Template    string        `json:"template,omitempty"`
	Rule        string        `json:"rule,omitempty"`
	Strategy    Strategy      `json:"strategy"`
	Outcome     Outcome       `json:"outcome"`
	Took        time.Duration `json:"took"`
	// Before is how often the incident had tried the strategy already.
	Before int `json:"before,omitempty"`
	// Named is the time to wait that the evidence named; zero for none.
	Named time.Duration `json:"named,omitempty"`
	// Probed is when the cause was last found to be still there, Ended when the remedy had
	// been tried, both since the incident began.
	Probed time.Duration `json:"probed,omitempty"`
	Ended  time.Duration `json:"ended,omitempty"`
	// Lasted is how long a remedy lasted that did not hold.
	Lasted time.Duration `json:"lasted,omitempty"`
	// Late says that the remedy had been called recovered: that is taken back.
	Late bool `json:"late,omitempty"`
}
