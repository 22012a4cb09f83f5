package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// repairs: running agents are taken away to be healed a few at a time, those first that are unwell
// for longest. What is down takes nothing away.
func repairs(f Facts) (heal.Decision, string, heal.Stamp) {
	if !f.Running || !f.Strategy.Profile().Disruptive || f.Strategy == heal.Isolate && f.Type == heal.SafetyViolation {
		return allow()
	}
	if f.Away+f.Ahead < f.Parallel {
		return allow()
	}
	return wait(fmt.Sprintf("%d running agents are being healed, %d wait for longer; at most %d at a time", f.Away, f.Ahead, f.Parallel), f.RepairTurn)
}
