package gate

import "healer-sidecar/internal/heal"

// paused: a person switched healing off, and knows. Detection goes on.
func paused(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Paused {
		return deny("healing is paused by a person")
	}
	return allow()
}
