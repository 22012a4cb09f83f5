package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// riskLimit: above it, people decide.
func riskLimit(f Facts) (heal.Decision, string, heal.Stamp) {
	if !mild(f.Strategy) && f.Risk > f.Policy.RiskLimit {
		return deny(fmt.Sprintf("high_risk_recovery: risk %.2f is above the limit %.2f", f.Risk, f.Policy.RiskLimit))
	}
	return allow()
}
