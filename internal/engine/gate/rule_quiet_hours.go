package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// quietHours: what runs is not disturbed then; what is down is still run again, and what
// violates a guardrail is still isolated.
func quietHours(f Facts) (heal.Decision, string, heal.Stamp) {
	if !f.Running || !f.Strategy.Profile().Disruptive || f.Strategy == heal.Isolate && f.Type == heal.SafetyViolation {
		return allow()
	}
	for _, w := range f.Policy.QuietHours {
		if until, inside := w.Until(f.Now.Wall); inside {
			return wait(fmt.Sprintf("quiet hours (%s)", w), f.Now.Add(until.Sub(f.Now.Wall)))
		}
	}
	return allow()
}
