package simulate

import (
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

func TestScheduleGrowsAndEndsWithPeople(t *testing.T) {
	p := heal.DefaultPolicy("a")
	p.Ladders = map[heal.ErrorType][]heal.Strategy{heal.ExecutionFailure: {heal.Retry, heal.Restart}}
	steps, err := Schedule(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) < 4 || steps[0] != (Step{0, heal.Retry}) || steps[len(steps)-1].Strategy != heal.Escalate {
		t.Fatalf("the schedule is %v", steps)
	}
	gap := time.Duration(0)
	for i := 1; i < len(steps)-1; i++ {
		next := steps[i].After - steps[i-1].After
		if next <= gap {
			t.Errorf("step %d comes after %s, the one before after %s", i, next, gap)
		}
		gap = next
	}
	again, err := Schedule(p)
	if err != nil || len(again) != len(steps) {
		t.Errorf("the same policy gives %v, then %v (%v)", steps, again, err)
	}
}

// TestTheEngineLearnsInAWorld where only a rollback helps.
func TestTheEngineLearnsInAWorld(t *testing.T) {
	s, err := New(Terms{})
	if err != nil {
		t.Fatal(err)
	}
	tried := map[bool]int{}
	for n := range 40 {
		began := time.Duration(n) * time.Hour
		s.Begin(Case{Agent: "a", Class: "c", Text: "cannot load the index", Type: heal.ExecutionFailure, Repeatable: true, Snapshot: true, Began: began})
		elapsed := 3 * time.Second
		for {
			d, err := s.Choose(elapsed)
			if err != nil {
				t.Fatal(err)
			}
			tried[n >= 20]++
			if elapsed += d.Wait + 5*time.Second; d.Strategy == heal.Rollback || d.Strategy == heal.Escalate {
				s.Outcome(d, Healed, elapsed)
				break
			}
			s.Outcome(d, Failed, elapsed)
			elapsed += 4 * time.Second
		}
	}
	if tried[true] >= tried[false] || tried[true] > 30 {
		t.Errorf("the first twenty took %d tries, the next %d", tried[false], tried[true])
	}
}
