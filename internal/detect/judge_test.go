package detect

import (
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

func TestExitJudge(t *testing.T) {
	x := Exit{Success: []int{0, 3}, Map: map[string]heal.ErrorType{"75": heal.DependencyFailure, "SIGABRT": heal.GoalConflict, "0": heal.GoalConflict}}
	table := []struct {
		name   string
		exit   Exit
		end    heal.Exit
		done   bool
		failed bool
		mapped heal.ErrorType
	}{
		{"success", defaultExit(), heal.Exit{}, false, false, ""},
		{"failure", defaultExit(), heal.Exit{Code: 1}, false, true, ""},
		{"success by policy", x, heal.Exit{Code: 3}, false, false, ""},
		{"mapped code", x, heal.Exit{Code: 75}, false, true, heal.DependencyFailure},
		{"mapped signal", x, heal.Exit{Signal: "SIGABRT"}, false, true, heal.GoalConflict},
		{"mapped clean exit", x, heal.Exit{}, false, true, heal.GoalConflict},
		{"signal", defaultExit(), heal.Exit{Signal: "SIGKILL"}, false, true, ""},
		{"not executed", x, heal.Exit{Errno: "ENOENT"}, false, true, ""},
		{"unfinished", Exit{Success: []int{0}, Unfinished: true}, heal.Exit{}, true, true, ""},
		{"done file missing", Exit{Success: []int{0}, DoneFile: "done"}, heal.Exit{}, false, true, ""},
		{"asked for by code", Exit{Success: []int{0}, Restart: []int{42}}, heal.Exit{Code: 42}, false, false, ""},
		{"asked for by file", defaultExit(), heal.Exit{Code: 1, Planned: true}, false, false, ""},
		{"nobody saw how", defaultExit(), heal.Exit{Unknown: true}, false, true, ""},
		{"nobody saw how, done file there", Exit{Success: []int{0}, DoneFile: "done"}, heal.Exit{Unknown: true}, true, false, ""},
		{"done file there", Exit{Success: []int{0}, DoneFile: "done"}, heal.Exit{}, true, false, ""},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			got, failed := row.exit.judge(row.end, row.done)
			if failed != row.failed || got.Mapped != row.mapped {
				t.Errorf("failed %v, mapped %q: want %v, %q", failed, got.Mapped, row.failed, row.mapped)
			}
		})
	}
}

// TestGauge feeds one reading a second and notes when the state changes. A dash is
// a reading that could not be taken.
func TestGauge(t *testing.T) {
	const none = -1
	table := []struct {
		name     string
		hold     time.Duration
		readings []float64
		changes  map[int]heal.SignalState
	}{
		{"below", 0, []float64{50, 99, 100}, map[int]heal.SignalState{}},
		{"at once", 0, []float64{50, 101}, map[int]heal.SignalState{1: heal.Raised}},
		{"after its time", 2 * time.Second, []float64{101, 101, 101, 101}, map[int]heal.SignalState{2: heal.Raised}},
		{"a spike is no trend", 2 * time.Second, []float64{101, 50, 101, 50, 101}, map[int]heal.SignalState{}},
		{"clears with room", 0, []float64{101, 95, 91, 90}, map[int]heal.SignalState{0: heal.Raised, 3: heal.Cleared}},
		{"unknown is a third state", 0, []float64{50, none, none, none, none, 50}, map[int]heal.SignalState{3: heal.StateUnknown, 5: heal.Cleared}},
		{"a gap neither raises nor clears", 0, []float64{101, none, none, 101}, map[int]heal.SignalState{0: heal.Raised}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			g := thresholdState{Threshold: Threshold{Above: 100, For: row.hold}}
			for i, v := range row.readings {
				value := &v
				if v == none {
					value = nil
				}
				state, changed := g.judge(time.Duration(i)*time.Second, value)
				want, wanted := row.changes[i]
				if changed != wanted || changed && state != want {
					t.Errorf("reading %d: changed %v to %q, want %v to %q", i, changed, state, wanted, want)
				}
			}
		})
	}
}

func TestLastLinesKeepsTheEnd(t *testing.T) {
	var l lastLines
	for i := range keepLines + 5 {
		l.add([]byte{byte('a' + i%26)}, time.Now())
	}
	got := l.printable(func(b []byte, _ int) string { return string(b) })
	if len(got) != keepLines || got[0] != "f" || got[keepLines-1] != string(rune('a'+(keepLines+4)%26)) {
		t.Errorf("kept %d lines, from %q to %q", len(got), got[0], got[len(got)-1])
	}
	l.clear()
	if got := l.printable(nil); len(got) != 0 {
		t.Errorf("kept %v after clearing", got)
	}
}
