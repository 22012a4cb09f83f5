package detect

import (
	"strings"
	"testing"
	"time"
)

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
