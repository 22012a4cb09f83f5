package detect

import (
	"testing"
	"time"
)

func TestCalmTellsFloodsFromChatter(t *testing.T) {
	var c floodDetector
	now := time.Unix(1000, 0)
	for range 100 { // a mebibyte a second
		if now = now.Add(100 * time.Millisecond); c.read(100<<10, now) {
			t.Fatal("chatter is taken for a flood")
		}
	}
	began := false
	for range 20 {
		now = now.Add(time.Millisecond)
		began = c.read(1<<20, now) || began
	}
	if !began || !c.flooding() || c.over(now.Add(time.Second)) {
		t.Errorf("a flood of 20 MiB is %+v", c)
	}
	if !c.over(now.Add(3*time.Second)) || c.flooding() {
		t.Error("the flood does not end")
	}
}
