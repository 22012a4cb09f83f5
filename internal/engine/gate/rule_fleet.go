package gate

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// fleet: after a common cause one host tries first, and the others follow in their turn; what it
// has tried in vain is passed over.
func fleet(f Facts) (heal.Decision, string, heal.Stamp) {
	switch {
	case mild(f.Strategy):
		return allow()
	case slices.Contains(f.FleetPassed, f.Strategy):
		return deny("another host of fleet incident " + f.Fleet + " has tried it in vain")
	case f.FleetTurn.IsZero() || f.Now.Mono >= f.FleetTurn.Mono:
		return allow()
	}
	return wait(f.FleetWhy, f.FleetTurn)
}
