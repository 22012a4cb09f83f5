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
