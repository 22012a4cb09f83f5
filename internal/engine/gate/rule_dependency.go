package gate

import "healer-sidecar/internal/heal"

// dependency: to start an agent without what it depends on would only make it fail
// again. What runs may be healed all the same.
func dependency(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Unready != "" && !f.Running {
		return deny(f.Unready)
	}
	return allow()
}
