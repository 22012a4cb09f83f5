package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// starved: when the host gave us no time, we may be what is late. What only a clock of ours
// says against a running agent is looked at again later (law 11).
func starved(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Lag > 0 && f.Now.Mono < f.LagUntil.Mono && f.Running && f.ByClock && f.Strategy != heal.Escalate {
		return wait(fmt.Sprintf("the sidecar itself was late by %s: what it missed may have been its own fault", round(f.Lag)), f.LagUntil)
	}
	return allow()
}
