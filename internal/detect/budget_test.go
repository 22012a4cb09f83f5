package detect

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
)

// quiet is told and says nothing.
type quiet struct{ Sink }

func (quiet) Noted(string, string) {}

func TestBudgetLeavesOutWhatComesTooFast(t *testing.T) {
	var b budget
	now := time.Now()
	b.begin([]byte(strings.Repeat("x\n", 100)), now)
	for range 10 {
		if !b.may(false) {
			t.Fatal("nothing was spent yet")
		}
	}
	b.spend(now.Add(2 * judgeMost))
	for range 2 {
		if b.may(false) {
			t.Error("more than was there is spent")
		}
	}
	if !b.may(true) {
		t.Error("what the operator looks for is left out for the sake of all else")
	}
	if b.leftOut != 2 || b.lines != 100 {
		t.Errorf("%+v", b)
	}
	if got := b.note(); !strings.Contains(got, "100 lines read, 98 judged, 2 suspicious") {
		t.Error(got)
	}
	b.begin(nil, now.Add(8*judgeMost))
	if !b.may(false) {
		t.Error("time earned nothing")
	}
}

// TestStepsHaveAShareOfTheirOwn: following them takes nothing from the judging of lines.
func TestStepsHaveAShareOfTheirOwn(t *testing.T) {
	var b budget
	now := time.Now()
	b.begin([]byte("x\n"), now)
	if !b.follows() {
		t.Fatal("nothing was spent yet")
	}
	b.turn(others, now.Add(2*judgeMost))
	if b.follows() {
		t.Error("more than was there is spent on steps")
	}
	b.turn(others, now.Add(2*judgeMost))
	if !b.may(false) || !b.may(true) {
		t.Error("steps took what lines are judged with")
	}
	if b.unfollowed != 1 || b.leftOut != 0 || b.sampled() != 1 || !strings.Contains(b.note(), "1 not followed as steps") {
		t.Errorf("%+v: %s", b, b.note())
	}
}

// TestCompilingTheRulesIsNotJudging: the first lines of a run find rules that are not compiled yet, for
// longer than the whole share on a busy machine. None of them is left out for that.
func TestCompilingTheRulesIsNotJudging(t *testing.T) {
	var own []rules.Rule
	for i := range 1000 {
		own = append(own, rules.Rule{
			Name: fmt.Sprint("r", i), Expr: fmt.Sprintf("failure number %d of (disk|net)", i),
			Type: heal.ExecutionFailure, Strength: 0.9, Operator: true,
		})
	}
	checked := func() *classify.Classifier {
		c, err := classify.New(own)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	checked().Warm() // the built-in rules are compiled once for all
	compiling, spent := time.Hour, time.Hour
	for range 3 { // the machine may take our time away: the least counts
		c := checked()
		begun := time.Now()
		c.Warm()
		compiling = min(compiling, time.Since(begun))
		a := NewAgent(Spec{Agent: "a"}, t.TempDir(), checked(), nil, quiet{})
		a.block("stdout", []byte("nothing to see\n"))
		spent = min(spent, judgeMost-a.judging.left[others])
	}
	if spent > compiling/4 {
		t.Errorf("%v were spent of the share of judging, where compiling the rules takes %v", spent, compiling)
	}
}
