package gate

import "healer-sidecar/internal/heal"

// paused: a person switched healing off. Detection and notices go on.
func paused(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Paused && f.Strategy != heal.Escalate {
		return deny("healing is paused by a person")
	}
	return allow()
}
