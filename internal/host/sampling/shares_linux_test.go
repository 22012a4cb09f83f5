package sampling

import (
	"os"
	"testing"
	"time"
)

// TestTheShareOfResidentMemoryIsKept between two measurements.
func TestTheShareOfResidentMemoryIsKept(t *testing.T) {
	s, resident, pids := shares{}, 12*40.0*(1<<20), []int{os.Getpid()}
	first := *s.memory(time.Hour, &resident, pids, false)
	resident *= 2
	if second := *s.memory(time.Hour+time.Second, &resident, pids, false); second < 1.99*first || second > 2.01*first {
		t.Errorf("twice as much is resident: %.0f, then %.0f", first, second)
	}
}
