package gate

import "healer-sidecar/internal/heal"

// inFlight: one recovery at a time for one agent.
func inFlight(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.InFlight != "" {
		return deny("attempt " + f.InFlight + " is being carried out")
	}
	return allow()
}
