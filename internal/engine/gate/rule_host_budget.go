package gate

import "healer-sidecar/internal/heal"

// hostBudget: attempts of all agents together, remembered over restarts of ours.
func hostBudget(f Facts) (heal.Decision, string, heal.Stamp) {
	if mild(f.Strategy) || f.Free || f.HostTurn.IsZero() || f.Now.Mono >= f.HostTurn.Mono {
		return allow()
	}
	return wait("the budget of all agents together is spent", f.HostTurn)
}
