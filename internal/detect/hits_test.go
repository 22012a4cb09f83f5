package detect

import (
	"testing"
	"time"

	"healer-sidecar/internal/host"
)

func TestHitsTellOfWhatIsNew(t *testing.T) {
	h := &hits{}
	for i, step := range []struct {
		at      time.Duration
		count   float64
		missing bool
		bad     bool
		unknown bool
	}{
		{at: 0, missing: true, unknown: true},
		{at: 1 * time.Second, count: 4}, // of an earlier run of ours
		{at: 2 * time.Second, count: 4},
		{at: 3 * time.Second, count: 5, bad: true},
		{at: 50 * time.Second, count: 5, bad: true},
		{at: 64 * time.Second, count: 5},
		{at: 65 * time.Second, count: 9, bad: true},
	} {
		m := moment{at: step.at, usage: host.Usage{Hits: &step.count}}
		if step.missing {
			m.usage.Hits = nil
		}
		if f := h.look(m); f.bad != step.bad || f.unknown != step.unknown {
			t.Errorf("step %d: got %+v", i, f)
		}
	}
}
