package engine

import (
	"strings"
	"testing"
	"time"
)

// TestALongPauseOfTheSidecarIsAnEvent, and a short one is not.
func TestALongPauseOfTheSidecarIsAnEvent(t *testing.T) {
	for lag, want := range map[time.Duration]bool{0: false, 9 * time.Second: false, 10 * time.Second: true, time.Hour: true} {
		w := newWorld(t)
		if got := strings.Contains(w.step(Swept{Lag: lag}), "resumed after"); got != want {
			t.Errorf("after %s: %v", lag, got)
		}
	}
}
