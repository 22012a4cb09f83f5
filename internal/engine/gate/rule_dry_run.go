package gate

import "healer-sidecar/internal/heal"

// dryRun: the policy wants decisions, not actions.
func dryRun(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.Policy.DryRun {
		return deny("the policy says dry_run: decided and recorded, not done")
	}
	return allow()
}
