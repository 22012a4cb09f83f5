package gate

import "healer-sidecar/internal/heal"

// protected: nothing is done to it while it runs.
func protected(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Policy.Protected && f.Running && f.Strategy != heal.Escalate {
		return deny("the policy protects the running agent: only people may touch it")
	}
	return allow()
}
