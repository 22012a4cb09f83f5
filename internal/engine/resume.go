package engine

import (
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// afresh says why the next run of an agent that can resume must begin a new session; empty when it need
// not.
func afresh(p heal.Policy, d heal.Diagnosis, record *ledger.Agent) string {
	switch {
	case !p.Resumes:
		return ""
	case d.Cause == heal.Session:
		return "the saved session cannot be resumed"
	case d.Cause == heal.Context:
		return "the context of the session is full"
	case record.ResumeFails(d.Fingerprint):
		return "resuming it failed twice in the same way"
	}
	return ""
}
