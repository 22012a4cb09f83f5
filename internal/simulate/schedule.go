package simulate

import (
	"time"

	"healer-sidecar/internal/heal"
)

// Step is what is done at a time since the first failure.
type Step struct {
	After    time.Duration `json:"after"`
	Strategy heal.Strategy `json:"strategy"`
}

// mostSteps bounds a schedule: a policy may allow a thousand attempts.
const mostSteps = 200

// Schedule is what a policy does for an agent that fails at once at every start, until
// people are called. It is the engine's own, in virtual time.
func Schedule(p heal.Policy) ([]Step, error) {
	s, _, err := Under(p)
	if err != nil {
		return nil, err
	}
	s.terms = Terms{} // every start fails at once
	s.Begin(Case{Agent: p.Agent, Text: "panic: it fails at every start", Type: heal.ExecutionFailure})
	var steps []Step
	elapsed := time.Duration(0)
	for range mostSteps {
		d, err := s.Choose(elapsed)
		if err != nil {
			return steps, err
		}
		elapsed += d.Wait
		steps = append(steps, Step{elapsed, d.Strategy})
		if d.Strategy == heal.Escalate {
			break
		}
		s.Outcome(d, Failed, elapsed)
	}
	return steps, nil
}
