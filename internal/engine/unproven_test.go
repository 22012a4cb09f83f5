package engine

import (
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// probeSays is what a probe with this identity says of agent a.
func (w *world) probeSays(id string, state heal.SignalState, text string) string {
	s := heal.Signal{Agent: "a", Run: w.runs["a"], Detector: "probe_exec ping", State: state, Witness: heal.WitnessProbe, Text: text, Probe: id}
	if state == heal.Raised {
		s.Vote = &heal.Vote{Type: heal.ExecutionFailure, Weight: 0.75, Why: text}
	}
	return w.step(SignalSeen{Signal: s})
}

// TestAProbeThatNeverWorkedRestartsNothing: it is told once, with its own output, also over a death
// of ours; once it has worked, it counts like any other, and another probe of that name does not.
func TestAProbeThatNeverWorkedRestartsNothing(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"agent a", "launch", "started a", "finished a"} {
		w.command(line)
	}
	out := w.probeSays("p1", heal.Raised, "cannot run redis-cli: it ended with code 1: Could not connect")
	if !strings.Contains(out, "ACT a notify") || strings.Contains(out, "incident_opened") || !strings.Contains(out, "Could not connect") {
		t.Errorf("the core did\n%s", out)
	}
	if unknown := w.core.Status(w.now)[0].Unknown; len(unknown) != 1 || !strings.Contains(unknown[0], "never been answered well") {
		t.Errorf("the status says %q", unknown)
	}
	if out := w.probeSays("p1", heal.Raised, "again"); strings.Contains(out, "ACT") {
		t.Errorf("the second time the core did\n%s", out)
	}
	w.probeSays("p1", heal.Cleared, "")
	w.reborn()
	w.found["a"] = heal.Found{State: heal.FoundAlive, Run: &heal.RunFact{Run: 1}}
	w.command("launch")
	if out := w.probeSays("p2", heal.Raised, "no answer"); strings.Contains(out, "incident_opened") {
		t.Errorf("for a new probe of the same name the core did\n%s", out)
	}
	if out := w.probeSays("p1", heal.Raised, "no answer"); !strings.Contains(out, "incident_opened") {
		t.Errorf("for one that has worked the core did\n%s", out)
	}
}
