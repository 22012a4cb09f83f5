package gate

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// approval: the operator wants to be asked. Without an answer in time it is not done.
func approval(f Facts) (heal.Decision, string, heal.Stamp) {
	if !slices.Contains(f.Policy.Approve, f.Strategy) {
		return allow()
	}
	answer, asked := f.Answers[f.Strategy]
	switch {
	case asked && answer.Given:
		return allow()
	case asked && answer.Refused:
		return deny("a person refused it")
	case f.Unanswered, asked && f.Now.Mono >= answer.Until.Mono:
		return deny("nobody approved it in time")
	case asked:
		return wait("a person is asked", answer.Until)
	}
	return wait("a person must approve it", f.Now.Add(f.Policy.ApproveWithin))
}
