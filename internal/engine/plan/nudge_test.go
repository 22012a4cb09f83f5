package plan

import (
	"testing"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

// TestNudges: a living agent is nudged first where that is declared for its situation; one that is dead, or of
// which only lines of output tell, is not.
func TestNudges(t *testing.T) {
	stalled := heal.Diagnosis{Type: heal.CommunicationError, Cause: heal.Outage, Situation: "turn_stalled", Confidence: 0.9, Severity: 0.3}
	asking := heal.Diagnosis{Type: heal.ConfigurationError, Cause: heal.Asking, Situation: "waiting_for_person", Confidence: 0.9, Severity: 0.5}
	full := heal.Diagnosis{Type: heal.ResourceExhaustion, Cause: heal.Context, Situation: "context_full", Confidence: 0.9, Severity: 0.5}
	for _, row := range []struct {
		name              string
		diag              heal.Diagnosis
		on                string
		running, textOnly bool
		tried             int
		want              string // the nudge; empty for none
	}{
		{name: "stalled", diag: stalled, on: "turn_stalled", running: true, want: "n"},
		{name: "dead", diag: stalled, on: "turn_stalled"},
		{name: "another situation", diag: stalled, on: "asleep", running: true},
		{name: "only lines", diag: stalled, on: "turn_stalled", running: true, textOnly: true},
		{name: "a person is asked", diag: asking, on: "waiting_for_person", running: true, want: "n"},
		{name: "nobody may answer", diag: asking, on: "asleep", running: true},
		{name: "a full context", diag: full, on: "context_full", running: true, want: "n"},
		{name: "in vain three times", diag: full, on: "context_full", running: true, tried: 3},
	} {
		policy := heal.DefaultPolicy("a")
		policy.Nudges = []heal.Nudge{{Name: "n", On: []string{row.on}}}
		policy.Resumes = true
		in := Input{
			Incident: "inc", Policy: policy, Diag: row.diag, Book: &learn.Book{}, Tried: map[heal.Strategy]int{heal.Retry: row.tried},
			Basis: heal.Basis{Running: row.running, TextOnly: row.textOnly},
		}
		p, _ := Make(in)
		if p.Params.Nudge != row.want || (row.want != "") != (p.Strategy == heal.Retry && row.running) {
			t.Errorf("%s: %s with nudge %q, want %q", row.name, p.Strategy, p.Params.Nudge, row.want)
		}
		if row.want != "" && p.Params.Resume {
			t.Errorf("%s: a nudge is no new run", row.name)
		}
	}
}
