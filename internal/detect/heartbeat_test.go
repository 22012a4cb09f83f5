package detect

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestHeartbeatFileCountsFromItsTouch: not from the look that saw it, and no wall clock can
// make that wrong by more than lay between two looks.
func TestHeartbeatFileCountsFromItsTouch(t *testing.T) {
	file := filepath.Join(t.TempDir(), "beat")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h := heartbeat{missing: 3 * time.Second, file: file}
	for _, row := range []struct {
		name string
		// age is by how much the touch lies back, by the wall clock; 0 for no touch.
		age, up, left time.Duration
		bad           bool
	}{
		{"from before this run", time.Hour, 1 * time.Second, 2 * time.Second, false},
		{"touched lately", 300 * time.Millisecond, 2 * time.Second, 2700 * time.Millisecond, false},
		{"touched in the future", -time.Hour, 3 * time.Second, 3 * time.Second, false},
		{"touched before the last look, by a clock that was moved", 2 * time.Hour, 4 * time.Second, 2 * time.Second, false},
		{"not touched", 0, 5 * time.Second, 1 * time.Second, false},
		{"missed", 0, 6 * time.Second, 0, true},
	} {
		if row.age != 0 {
			at := time.Now().Add(-row.age)
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
		f := h.look(sample{up: row.up})
		if off := (h.next() - row.left).Abs(); f.bad != row.bad || off > 100*time.Millisecond {
			t.Errorf("%s: bad %v, %s are left: want %v, %s", row.name, f.bad, h.next(), row.bad, row.left)
		}
	}
}
