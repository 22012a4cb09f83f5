package ledger

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

var now = heal.Stamp{Mono: 10 * time.Hour, Wall: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}

func failure(at heal.Stamp) heal.Event {
	return heal.Event{Kind: heal.EventDiagnosed, At: at, Agent: "a", Diag: &heal.Diagnosis{Type: heal.ExecutionFailure, Fingerprint: "v1:x"}}
}

func TestRecurringIsThreeInAnHour(t *testing.T) {
	l := New()
	l.Apply(failure(now.Add(-61 * time.Minute)))
	l.Apply(failure(now.Add(-50 * time.Minute)))
	a := l.Agent("a")
	if a.Recurring(now, heal.ExecutionFailure, "v1:x") {
		t.Error("the second in an hour is called recurring")
	}
	l.Apply(failure(now.Add(-time.Minute)))
	if !a.Recurring(now, heal.ExecutionFailure, "v1:y") || !a.Recurring(now, heal.Unknown, "v1:x") {
		t.Error("the third of the type, or of the fingerprint, is not called recurring")
	}
	if a.Recurring(now, heal.Unknown, "v1:y") {
		t.Error("another failure is called recurring")
	}
}

func TestSpentForgetsWhatLeftTheWindow(t *testing.T) {
	l := New()
	yes := true
	for _, age := range []time.Duration{20 * time.Minute, 9 * time.Minute, time.Minute} {
		l.Apply(heal.Event{Kind: heal.EventAttempt, At: now.Add(-age), Agent: "a", On: &yes, Attempt: &heal.Attempt{Strategy: heal.Retry}})
	}
	if got := len(l.Agent("a").Spent(now, 10*time.Minute)); got != 2 {
		t.Errorf("%d attempts count: want 2", got)
	}
}

func TestFailureMemoryHalvesWithUptime(t *testing.T) {
	a := &Agent{Score: 4}
	for uptime, want := range map[time.Duration]float64{0: 4, 30 * time.Second: 2, time.Minute: 1} {
		if got := a.Decayed(uptime, 30*time.Second); math.Abs(got-want) > 1e-9 {
			t.Errorf("after %s: %v, want %v", uptime, got, want)
		}
	}
}

func TestRebaseCarriesAgesOverAReboot(t *testing.T) {
	l := New()
	l.Boot = "one"
	l.Apply(failure(now.Add(-10 * time.Minute)))
	l.Apply(heal.Event{Kind: heal.EventStarted, At: now.Add(-5 * time.Minute), Agent: "a", Run: &heal.RunFact{PID: 7}})
	after := heal.Stamp{Mono: time.Minute, Wall: now.Wall}
	l.Rebase("two", after)
	if got := after.Sub(l.Agent("a").Failures[0].At); got != 10*time.Minute {
		t.Errorf("the age is %s", got)
	}
	if got := after.Sub(l.Agent("a").Since); got != 5*time.Minute {
		t.Errorf("the run is %s old", got)
	}
}

// TestSnapshotContinuesTheFold is the law that a restart goes on where we were.
func TestSnapshotContinuesTheFold(t *testing.T) {
	yes := true
	story := []heal.Event{
		{Kind: heal.EventCommand, At: now, Agent: "a", Command: &heal.Order{Command: heal.CommandStart}},
		{Kind: heal.EventStarted, At: now, Agent: "a", Run: &heal.RunFact{Run: 1, PID: 42}},
		{Kind: heal.EventExited, At: now, Agent: "a"},
		{Kind: heal.EventOpened, At: now, Agent: "a", Incident: "inc-1"},
		failure(now),
		{Kind: heal.EventAttempt, At: now, Agent: "a", On: &yes, Attempt: &heal.Attempt{Strategy: heal.Retry, Score: 1}},
		{Kind: heal.EventLesson, At: now, Lesson: &heal.Lesson{Agent: "a", Type: heal.ExecutionFailure, Fingerprint: "v1:x", Strategy: heal.Retry, Outcome: heal.Recovered, Took: time.Second}},
		{Kind: heal.EventClosed, At: now, Agent: "a", Incident: "inc-1", Outcome: heal.Recovered, Took: time.Minute},
		{Kind: heal.EventHeld, At: now, Agent: "a", Note: "isolated"},
		{Kind: heal.EventPaused, At: now, On: &yes},
		{Kind: heal.EventCommand, At: now, Agent: "b", Command: &heal.Order{Command: heal.CommandStop}},
	}
	whole := New()
	for _, e := range story {
		whole.Apply(e)
	}
	for cut := range story {
		l := New()
		for _, e := range story[:cut] {
			l.Apply(e)
		}
		raw, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		loaded := New()
		if err := json.Unmarshal(raw, loaded); err != nil {
			t.Fatal(err)
		}
		loaded.Prepare()
		for _, e := range story[cut:] {
			loaded.Apply(e)
		}
		if !reflect.DeepEqual(asJSON(t, loaded), asJSON(t, whole)) {
			t.Errorf("a snapshot after event %d leads elsewhere:\n%s\n%s", cut, asJSON(t, loaded), asJSON(t, whole))
		}
	}
}

func asJSON(t *testing.T, l *Ledger) string {
	t.Helper()
	raw, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestWhatIsTakenBackLeavesWhatWasBefore: the second step of a throttle did not help, the
// first stays in force; with the process it ends.
func TestWhatIsTakenBackLeavesWhatWasBefore(t *testing.T) {
	l := New()
	step := func(n int) heal.Attempt {
		return heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.CPU, Steps: n}}
	}
	first, undo := step(1), step(1)
	undo.Undo = true
	l.Apply(heal.Event{Kind: heal.EventOutcome, At: now, Agent: "a", Outcome: heal.Recovered, Attempt: &first})
	l.Apply(heal.Event{Kind: heal.EventAttempt, At: now, Agent: "a", Attempt: &undo})
	if levels, _ := l.Agent("a").InForce(); levels[heal.Reconfigure] != 1 {
		t.Errorf("in force are %v", levels)
	}
	l.Apply(heal.Event{Kind: heal.EventStarted, At: now, Agent: "a", Run: &heal.RunFact{Run: 2}})
	if levels, _ := l.Agent("a").InForce(); levels[heal.Reconfigure] != 0 {
		t.Errorf("after the next start %v", levels)
	}
}

// TestAnIncidentIsOneError however often it is judged, and counts as what it was judged last.
func TestAnIncidentIsOneError(t *testing.T) {
	l := New()
	l.Apply(heal.Event{Kind: heal.EventOpened, At: now, Agent: "a", Incident: "inc-1"})
	for _, typ := range []heal.ErrorType{heal.Unknown, heal.ExecutionFailure, heal.ExecutionFailure, heal.ResourceExhaustion} {
		l.Apply(heal.Event{Kind: heal.EventDiagnosed, At: now, Agent: "a", Incident: "inc-1", Diag: &heal.Diagnosis{Type: typ, Class: "a"}})
	}
	if l.Totals.Errors != 1 || len(l.Totals.ByType) != 1 || l.Totals.ByType[heal.ResourceExhaustion] != 1 {
		t.Errorf("%d errors, %v", l.Totals.Errors, l.Totals.ByType)
	}
}
