package gate

import "healer-sidecar/internal/heal"

// shadow: the policy wants decisions, not actions.
func shadow(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Policy.Shadow {
		return deny("the policy says shadow: decided and recorded, not done")
	}
	return allow()
}
