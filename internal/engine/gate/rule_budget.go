package gate

import (
	"fmt"

	"healer-sidecar/internal/heal"
)

// budget: automatic attempts inside a sliding window, remembered over restarts.
func budget(f Facts) (heal.Decision, string, heal.Stamp) {
	b := f.Policy.Budget
	if mild(f.Strategy) || f.Free || len(f.Attempts) < b.Attempts {
		return allow()
	}
	reason := fmt.Sprintf("budget spent: %d attempts in %s", len(f.Attempts), round(b.Window))
	if b.Attempts <= 0 {
		return deny(reason)
	}
	oldest := f.Attempts[len(f.Attempts)-b.Attempts]
	return wait(reason, oldest.Add(b.Window))
}
