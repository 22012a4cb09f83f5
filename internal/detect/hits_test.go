package detect

import (
	"testing"
	"time"

	"healer-sidecar/internal/host/sampling"
)

func TestHitsTellOfWhatIsNew(t *testing.T) {
	h := &cgroupLimitEvents{} // of a run that was taken over
	for i, step := range []struct {
		at      time.Duration
		count   float64
		missing bool
		bad     bool
		unknown bool
	}{
		{at: 0, missing: true, unknown: true},
		{at: 1 * time.Second, count: 4}, // from before
		{at: 2 * time.Second, count: 4},
		{at: 3 * time.Second, count: 5, bad: true},
		{at: 50 * time.Second, count: 5, bad: true},
		{at: 64 * time.Second, count: 5},
		{at: 65 * time.Second, count: 9, bad: true},
	} {
		m := sample{at: step.at, taken: true, usage: sampling.Usage{Hits: &step.count}}
		if step.missing {
			m.usage.Hits = nil
		}
		if f := h.look(m); f.bad != step.bad || f.unknown != step.unknown {
			t.Errorf("step %d: got %+v", i, f)
		}
	}
}

// TestCountersOfAFreshCgroupBeginAtZero: what was refused before the first look is seen, and
// counters that begin again are no negative news.
func TestCountersOfAFreshCgroupBeginAtZero(t *testing.T) {
	h := &cgroupLimitEvents{}
	for i, step := range []struct {
		at    time.Duration
		count float64
		bad   bool
	}{{time.Second, 1, true}, {40 * time.Second, 1, true}, {2 * time.Minute, 1, false}, {3 * time.Minute, 0, false}, {4 * time.Minute, 0, false}, {5 * time.Minute, 2, true}} {
		if f := h.look(sample{at: step.at, usage: sampling.Usage{Hits: &step.count}}); f.bad != step.bad {
			t.Errorf("step %d: got %+v", i, f)
		}
	}
	if f := (&cgroupLimitEvents{}).look(sample{at: time.Second, usage: sampling.Usage{Hits: new(float64)}}); f.bad {
		t.Errorf("nothing was refused: %+v", f)
	}
}
