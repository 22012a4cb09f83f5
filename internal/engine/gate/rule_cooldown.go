package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// cooldown: the least time between two attempts on one agent.
func cooldown(f Facts) (heal.Decision, string, heal.Stamp) {
	if mild(f.Strategy) || f.Policy.Cooldown <= 0 || f.Last.IsZero() {
		return allow()
	}
	if left := f.Policy.Cooldown - f.Now.Sub(f.Last); left > 0 {
		return wait(fmt.Sprintf("cooldown: %s left", round(left)), f.Now.Add(left))
	}
	return allow()
}
