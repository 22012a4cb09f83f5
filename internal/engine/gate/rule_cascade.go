package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// cascade: when the failure comes from another, that one is healed first.
func cascade(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Root == "" || f.Strategy == heal.DegradeGracefully || f.Strategy == heal.Isolate && f.Type == heal.SafetyViolation {
		return allow()
	}
	return wait(fmt.Sprintf("it fails because of %s (%.0f %% sure), which is healed first", f.Root, 100*f.RootSure), f.RootUntil)
}
