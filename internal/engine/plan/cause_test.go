package plan

import (
	"strings"
	"testing"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

func causeInput(c heal.Cause, tried map[heal.Strategy]int) Input {
	return Input{
		Incident: "inc-1", Book: &learn.Book{}, Tried: tried, Basis: heal.Basis{Running: true},
		Policy: heal.Policy{Tries: map[heal.Strategy]int{heal.Retry: 3, heal.Restart: 2, heal.Escalate: 9}},
		Diag:   heal.Diagnosis{Type: heal.ExecutionFailure, Confidence: 0.99, Cause: c, Because: "1 of 1 processes are stopped"},
	}
}

// TestWhatIsStoppedIsLetGoOnFirst: nothing is milder; it is not offered without that cause.
func TestWhatIsStoppedIsLetGoOnFirst(t *testing.T) {
	offered := func(in Input) (first heal.Strategy, all []heal.Strategy) {
		for _, o := range newChoice(in).options {
			if o.Offered {
				all = append(all, o.Strategy)
			}
		}
		return all[0], all
	}
	if first, all := offered(causeInput(heal.Stopped, map[heal.Strategy]int{})); first != heal.Retry {
		t.Errorf("offered are %v", all)
	}
	if first, all := offered(causeInput("", map[heal.Strategy]int{})); first == heal.Retry {
		t.Errorf("an agent that runs is run again: %v", all)
	}
	for _, cause := range []heal.Cause{heal.Asking, heal.Traced} {
		in := causeInput(cause, map[heal.Strategy]int{})
		if _, all := offered(in); len(all) != 1 || all[0] != heal.Escalate {
			t.Errorf("%s: offered are %v", cause, all)
		}
		if p, _ := Make(in); !strings.Contains(p.Reason, in.Diag.Because) {
			t.Errorf("%s: people are not told what it is about: %q", cause, p.Reason)
		}
	}
}
