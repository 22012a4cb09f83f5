package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// healthyDependents may depend on a critical agent that is taken away (ENGINE.md 2.8).
const healthyDependents = 3

// blastRadius: a remedy must not take more down than it mends.
func blastRadius(f Facts) (heal.Decision, string, heal.Stamp) {
	takesAway := f.Strategy == heal.Restart || f.Strategy == heal.Isolate && f.Type != heal.SafetyViolation
	if takesAway && f.Critical && f.Dependents > healthyDependents {
		return deny(fmt.Sprintf("%d healthy agents depend on this critical one", f.Dependents))
	}
	return allow()
}
