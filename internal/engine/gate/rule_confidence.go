package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// confidence: what is not sure enough is no ground for a disruptive remedy.
func confidence(f Facts) (heal.Decision, string, heal.Stamp) {
	if !mild(f.Strategy) && f.Strategy.Profile().Disruptive && f.Confidence < f.Policy.LeastConfidence {
		return deny(fmt.Sprintf("the diagnosis is %.2f sure; the policy asks for %.2f", f.Confidence, f.Policy.LeastConfidence))
	}
	return allow()
}
