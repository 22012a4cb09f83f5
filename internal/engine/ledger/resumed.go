package ledger

import (
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// resumeProven is the uptime after which a session that was resumed is not what a run dies of.
	resumeProven = 10 * time.Minute
	// resumesTried is how often resuming is tried against the same failure.
	resumesTried = 2
)

// ended notes the end of a run.
func (a *Agent) ended(exit *heal.Exit) {
	a.Run = nil
	if exit != nil && exit.Uptime >= resumeProven {
		a.Resumed = nil
	}
}

// resumed notes with what the next run begins.
func (a *Agent) resumed(t heal.Attempt) {
	switch {
	case t.Strategy == heal.Escalate || t.Strategy == heal.Isolate || t.Undo || t.Params.Nudge != "":
	case !t.Params.Resume:
		a.Resumed = nil
	default:
		a.Resumed = keepLast(append(a.Resumed, t.Fingerprint), resumesTried)
	}
}

// ResumeFails reports that a session was resumed twice in a row, and that both runs ended by the failure
// that is seen now.
func (a *Agent) ResumeFails(fingerprint string) bool {
	n := len(a.Resumed)
	return n >= resumesTried && a.Resumed[n-1] == fingerprint
}
