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
		if !b.may() {
			t.Fatal("nothing was spent yet")
		}
	}
	b.spend(now.Add(2 * judgeMost))
	for range 2 {
		if b.may() {
			t.Error("more than was there is spent")
		}
	}
	if b.leftOut != 2 || b.lines != 100 {
		t.Errorf("%+v", b)
	}
	if got := b.note(); !strings.Contains(got, "100 lines read, 98 judged, 2 suspicious") {
		t.Error(got)
	}
	b.begin(nil, now.Add(8*judgeMost))
	if !b.may() {
		t.Error("time earned nothing")
	}
}
