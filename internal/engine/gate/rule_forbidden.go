package gate

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// forbidden: the operator rules the strategy out.
func forbidden(f Facts) (heal.Decision, string, heal.Stamp) {
	if slices.Contains(f.Policy.Forbid, f.Strategy) {
		return deny("the policy forbids " + string(f.Strategy))
	}
	return allow()
}
