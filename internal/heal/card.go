package heal

import "time"

// IncidentSummary is what is known of one incident: enough to say what is wrong, what was tried and
// what comes next.
type IncidentSummary struct {
	ID       string        `json:"id"`
	Agent    string        `json:"agent"`
	Opened   time.Time     `json:"opened"`
	Took     time.Duration `json:"took,omitempty"`
	Type     ErrorType     `json:"type,omitempty"`
	Cause    Cause         `json:"cause,omitempty"`
	Severity float64       `json:"severity,omitempty"`
	// Confidence is how sure the diagnosis is, from 0 to 1.
	Confidence  float64 `json:"confidence,omitempty"`
	Fingerprint string  `json:"fingerprint,omitempty"`
	// Symptom is the line, exit or reading that tells most; it may hold words of an agent.
	Symptom string `json:"symptom,omitempty"`
	// Outcome is empty while it is open.
	Outcome  Outcome  `json:"outcome,omitempty"`
	Strategy Strategy `json:"strategy,omitempty"`
	Note     string   `json:"note,omitempty"`
	// Attempts counts all attempts, Failed those that did not help; Tried holds the latest, the
	// oldest first.
	Attempts int     `json:"attempts,omitempty"`
	Failed   int     `json:"failed,omitempty"`
	Tried    []Tried `json:"tried,omitempty"`
	// Planned is the strategy that comes next and Verdict what delays or denies it; both are empty
	// while an attempt is under way.
	Planned Strategy `json:"planned,omitempty"`
	Verdict *Verdict `json:"verdict,omitempty"`
}

// Tried is one attempt of an incident and what came of it.
type Tried struct {
	At       time.Time `json:"at"`
	ID       string    `json:"id,omitempty"`
	Strategy Strategy  `json:"strategy,omitempty"`
	// Task is set instead of Strategy for what a person ordered.
	Task Task `json:"task,omitempty"`
	// Undo marks an attempt that takes an earlier one back.
	Undo bool `json:"undo,omitempty"`
	// Waited is how long the plan waited before it acted.
	Waited time.Duration `json:"waited,omitempty"`
	// Outcome is empty until it is known; Took is the time from the start until then.
	Outcome Outcome       `json:"outcome,omitempty"`
	Took    time.Duration `json:"took,omitempty"`
	Why     string        `json:"why,omitempty"`
}

// Card says of one agent what a person must know at first glance, in words that every surface shows
// as they are.
type Card struct {
	Agent string `json:"agent"`
	// NeedsYou says that nothing that helps happens until a person acts.
	NeedsYou bool      `json:"needs_you,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Incident string    `json:"incident,omitempty"`
	// Title is the state and its cause in a line, Cause the symptom and the diagnosis.
	Title string `json:"title"`
	Cause string `json:"cause,omitempty"`
	// Attempts sums up what was tried, Tried lists it.
	Attempts string   `json:"attempts,omitempty"`
	Tried    []string `json:"tried,omitempty"`
	// Now is what happens next, and when.
	Now     string   `json:"now,omitempty"`
	Options []Choice `json:"options,omitempty"`
}

// Choice is something that a person can do about an agent.
type Choice struct {
	Command Command `json:"command"`
	// Line is the command line without the name of the program, Effect its consequence.
	Line   string `json:"line"`
	Effect string `json:"effect"`
}
