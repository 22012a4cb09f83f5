package heal

import "time"

// Diagnosis is what the evidence of one incident amounts to.
type Diagnosis struct {
	Type       ErrorType `json:"type"`
	Confidence float64   `json:"confidence"`
	Severity   float64   `json:"severity"`
	Critical   bool      `json:"critical,omitempty"`
	Recurring  bool      `json:"recurring,omitempty"`
	// Fingerprint is equal for "the same failure again".
	Fingerprint string   `json:"fingerprint"`
	Template    string   `json:"template,omitempty"`
	Resource    Resource `json:"resource,omitempty"`
	// Wait is the time to wait that the evidence itself names, from the moment
	// of the diagnosis; zero when it names none.
	Wait     time.Duration `json:"wait,omitempty"`
	Evidence []string      `json:"evidence"`
	Others   []Candidate   `json:"others,omitempty"`
}

// Candidate is a type that was considered and lost.
type Candidate struct {
	Type       ErrorType `json:"type"`
	Confidence float64   `json:"confidence"`
}

// Evidence is everything known about one failure when it is judged.
type Evidence struct {
	Exit     *Exit     `json:"exit,omitempty"`
	Lines    []string  `json:"lines,omitempty"`
	Readings []Reading `json:"readings,omitempty"`
	// Matches are rule verdicts that were reached line by line as output came.
	Matches []Match `json:"matches,omitempty"`
	// Running says that the agent was alive when the evidence was taken.
	Running bool `json:"running,omitempty"`
}
