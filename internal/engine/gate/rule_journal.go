package gate

import "healer-sidecar/internal/heal"

// journalDown: what cannot be undone needs a durable intent first. Starting an
// agent again stays allowed: being down is worse.
func journalDown(f Facts) (heal.Decision, string, heal.Stamp) {
	if f.JournalDown != "" && (f.Strategy == heal.Rollback || f.Strategy == heal.Compensate) {
		return deny("the journal takes no intents: " + f.JournalDown)
	}
	return allow()
}
