package gate

import (
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// repairsAtOnce running agents, or one in repairsShare of more, may be taken away to be
	// healed at one time (ENGINE.md 2.8); repairsTurn is when it is asked again.
	repairsAtOnce, repairsShare = 3, 5
	repairsTurn                 = 2 * time.Second
)

// repairs: not too many running agents are taken away at once. What is down takes nothing
// away.
func repairs(f Facts) (heal.Decision, string, heal.Stamp) {
	if !f.Running || !f.Strategy.Profile().Disruptive || f.Strategy == heal.Isolate && f.Type == heal.SafetyViolation {
		return allow()
	}
	if most := max(repairsAtOnce, f.Agents/repairsShare); f.Away >= most {
		return wait(fmt.Sprintf("%d running agents are being healed already", f.Away), f.Now.Add(repairsTurn))
	}
	return allow()
}
