package gate

import "healer-sidecar/internal/heal"

// safety: what violated a guardrail is isolated or shown to people, and nothing else.
func safety(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Type == heal.SafetyViolation && !mild(f.Strategy) {
		return deny("after a safety violation the agent is only isolated, or people are called")
	}
	return allow()
}
