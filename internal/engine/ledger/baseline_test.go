package ledger

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

func healthyRun(l *Ledger, at heal.Stamp, run string, lines ...string) {
	l.Apply(heal.Event{Kind: heal.EventBaseline, At: at, Agent: "a", Healthy: &heal.HealthyRun{Class: "c", Run: run, Lines: lines}})
}

// TestUsual: a letter is a healthy run, in which a line was printed or not.
func TestUsual(t *testing.T) {
	for _, row := range []struct {
		runs string
		want bool
	}{
		{"", false}, {"x", false}, {"xx", true}, {"x.", false}, {"x.x", true}, {"xx..", true}, {"xx...", false}, {"..xx", true},
	} {
		l := New()
		for i, c := range row.runs {
			var lines []string
			if c == 'x' {
				lines = append(lines, "line")
			}
			healthyRun(l, now, fmt.Sprint(i), lines...)
		}
		if got := l.Usual("c", "line"); got != row.want {
			t.Errorf("runs %q: usual %v, want %v", row.runs, got, row.want)
		}
		if l.Usual("other", "line") {
			t.Errorf("runs %q: it is usual for another class", row.runs)
		}
	}
}

func TestARunThatTeachesTwiceCountsOnce(t *testing.T) {
	l := New()
	healthyRun(l, now, "one", "x")
	healthyRun(l, now, "one", "y")
	if seen, runs := l.Printed("c", "y"); seen != 1 || runs != 1 {
		t.Errorf("printed in %d of %d runs: want 1 of 1", seen, runs)
	}
}

func TestBaselineIsBounded(t *testing.T) {
	l := New()
	healthyRun(l, now, "first", "usual")
	healthyRun(l, now, "second", "usual")
	for i := range 10 { // a flood of lines that never come again
		var flood []string
		for k := range 200 {
			flood = append(flood, fmt.Sprintf("%d-%d", i, k))
		}
		healthyRun(l, now.Add(time.Duration(i+1)*time.Second), fmt.Sprint(i), flood...)
	}
	if n := len(l.Baselines["c"].Lines); n != maxBaselineLines {
		t.Errorf("%d lines are kept: want %d", n, maxBaselineLines)
	}
	if seen, runs := l.Printed("c", "usual"); seen != 2 || runs != 12 {
		t.Errorf("the usual line was printed in %d of %d runs: want 2 of 12", seen, runs)
	}
	for i := range 1000 {
		healthyRun(l, now, fmt.Sprint("run-", i), "usual")
	}
	b := l.Baselines["c"]
	if b.Runs >= maxBaselineRuns || len(b.Latest) > maxLatest {
		t.Errorf("%d runs are counted, %d named", b.Runs, len(b.Latest))
	}
	if text, _ := json.Marshal(b); len(text) > 32<<10 {
		t.Errorf("the baseline takes %d bytes", len(text))
	}
}

func TestBaselineAges(t *testing.T) {
	l := New()
	for i := range 10 {
		healthyRun(l, now, fmt.Sprint("old-", i), "old", "both")
	}
	for i := range 30 { // the program was changed
		healthyRun(l, now, fmt.Sprint("new-", i), "new", "both")
	}
	if l.Usual("c", "old") || !l.Usual("c", "new") || !l.Usual("c", "both") {
		t.Error("the change of the program was not followed")
	}
	for i := range 200 {
		healthyRun(l, now, fmt.Sprint("newer-", i), "new")
	}
	if seen, _ := l.Printed("c", "old"); seen != 0 {
		t.Errorf("a line is still counted %d times that 230 runs did not print", seen)
	}
	healthyRun(l, now.Add(baselineAge+time.Hour), "late", "x")
	if seen, _ := l.Printed("c", "new"); seen != 0 {
		t.Error("a line is kept that was not printed for a month")
	}
}

func TestBaselineIsPartOfTheSnapshot(t *testing.T) {
	l := New()
	healthyRun(l, now, "one", "x", "y")
	healthyRun(l, now, "two", "x")
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	again := New()
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	again.Prepare()
	if !reflect.DeepEqual(l.Baselines, again.Baselines) || !again.Usual("c", "x") {
		t.Errorf("got %s", text)
	}
	learned := again.Unlearn()
	if again.Usual("c", "x") || learned.Baselines["c"] == nil {
		t.Error("what is set aside is still in force, or lost")
	}
}
