package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// maintenance: people are at work on the host; what fails then is seen and left to them,
// except what violates a guardrail.
func maintenance(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Strategy == heal.Isolate && f.Type == heal.SafetyViolation {
		return allow()
	}
	for _, w := range f.Policy.Maintenance {
		if until, inside := w.Until(f.Now.Wall); inside {
			return wait(fmt.Sprintf("people are at work (%s)", w), f.Now.Add(until.Sub(f.Now.Wall)))
		}
	}
	return allow()
}
