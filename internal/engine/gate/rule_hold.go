package gate

import "healer-sidecar/internal/heal"

// hold: the agent is deliberately left as it is until a person releases it.
func hold(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Hold != "" {
		return deny("the agent is on hold: " + f.Hold)
	}
	return allow()
}
