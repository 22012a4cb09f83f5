package ledger

import (
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// TestWhatReturnsIsNotHealed: eleven times the same failure, each called recovered, are one recovery that
// may hold and ten that did not.
func TestWhatReturnsIsNotHealed(t *testing.T) {
	l := New()
	diag := &heal.Diagnosis{Type: heal.LearningFailure, Fingerprint: "v1:hang"}
	begun := time.Unix(1e9, 0)
	happen := func(after time.Duration, e heal.Event) {
		e.At, e.Agent, e.Incident, e.Diag = heal.Stamp{Mono: after, Wall: begun.Add(after)}, "a", "inc", diag
		l.Apply(e)
	}
	incident := func(at time.Duration) {
		happen(at, heal.Event{Kind: heal.EventOpened})
		happen(at, heal.Event{Kind: heal.EventDiagnosed})
		happen(at+time.Second, heal.Event{Kind: heal.EventDiagnosed}) // judged again: the same return
		happen(at+time.Minute, heal.Event{Kind: heal.EventClosed, Outcome: heal.Recovered, Took: time.Minute})
	}
	for n := range 11 {
		incident(time.Duration(n) * 10 * time.Minute)
	}
	if l.Totals.Recovered != 11 || l.Totals.Returned != 10 || l.Agent("a").Returned("v1:hang") != 10 {
		t.Errorf("recovered %d, returned %d, of the failure %d", l.Totals.Recovered, l.Totals.Returned, l.Agent("a").Returned("v1:hang"))
	}
	incident(24 * time.Hour) // long after: the last recovery held
	if l.Totals.Returned != 10 {
		t.Errorf("returned %d", l.Totals.Returned)
	}
}
