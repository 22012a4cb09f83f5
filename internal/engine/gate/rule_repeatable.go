package gate

import "healer-sidecar/internal/heal"

// repeatable: what must not be done twice is not done again by running the agent on.
func repeatable(f Facts) (heal.Decision, string, heal.Stamp) {
	if !f.Policy.Unrepeatable {
		return allow()
	}
	switch f.Strategy {
	case heal.Retry, heal.WaitAndRetry, heal.AlternativePath:
		return deny("the policy says that what the agent does must not be done twice")
	}
	return allow()
}
