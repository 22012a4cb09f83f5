package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// hang is a host on which many agents stop to answer, one after the other, and ignore the stop
// signal for their whole grace.
type hang struct {
	t      *testing.T
	core   *Core
	now    heal.Stamp
	timers map[Timer]WakeAt
	// ends are the attempts under way with when they end, begun the order in which they began.
	ends  map[string]heal.Stamp
	begun []string
	most  int
}

const stopGrace = 2 * time.Second

func newHang(t *testing.T, agents int, host heal.Host) *hang {
	var policies []heal.Policy
	for i := range agents {
		p := heal.DefaultPolicy(fmt.Sprintf("a%02d", i))
		p.Ladders = map[heal.ErrorType][]heal.Strategy{heal.PerformanceDegradation: {heal.Restart}}
		policies = append(policies, p)
	}
	h := &hang{t: t, now: dawn, core: New(ledger.New(), "boot", host, policies), timers: map[Timer]WakeAt{}, ends: map[string]heal.Stamp{}}
	for _, p := range policies {
		h.step(Started{Agent: p.Agent, Run: heal.RunFact{Run: 1}})
	}
	return h
}

func (h *hang) step(m Message) {
	for _, e := range h.core.Step(h.now, m) {
		switch e := e.(type) {
		case Act:
			if e.Attempt.Strategy == heal.Restart {
				h.ends[e.Attempt.ID] = h.now.Add(stopGrace)
				h.begun = append(h.begun, e.Attempt.Agent)
			}
		case WakeAt:
			h.timers[e.Timer] = e
		}
	}
	young := 0
	for _, at := range h.ends {
		if stopGrace-at.Sub(h.now) < placeFor {
			young++
		}
	}
	h.most = max(h.most, young)
}

// unanswered is what a probe says of an agent that hangs.
func (h *hang) unanswered(agent string) {
	h.step(SignalSeen{Signal: heal.Signal{
		Agent: agent, Run: 1, Detector: "probe", State: heal.Raised, Witness: heal.WitnessProbe,
		Vote: &heal.Vote{Type: heal.PerformanceDegradation, Weight: 0.9, Why: "no answer"},
	}})
}

// pass lets time go by in small steps.
func (h *hang) pass(d time.Duration) {
	for end := h.now.Add(d); h.now.Mono < end.Mono; {
		h.now = h.now.Add(10 * time.Millisecond)
		for _, name := range h.core.order {
			w, set := h.timers[Timer{Agent: name}]
			if set && w.At.Mono <= h.now.Mono {
				delete(h.timers, w.Timer)
				h.step(TimerDue{Timer: w.Timer, Gen: w.Gen})
			}
		}
		for id, at := range h.ends {
			if at.Mono <= h.now.Mono {
				delete(h.ends, id)
				h.step(AttemptFinished{Result: heal.Result{Attempt: id}})
			}
		}
	}
}

// TestAMassHangIsHealedTogether: a quarter at a time, those first that hang for longest, and a
// slow stop keeps nobody waiting for more than a second.
func TestAMassHangIsHealedTogether(t *testing.T) {
	for _, row := range []struct {
		agents, parallel, most int
		within                 time.Duration
	}{
		{20, 0, 5, 7 * time.Second}, {20, 2, 2, 13 * time.Second}, {3, 0, 2, 5 * time.Second}, {40, 0, 10, 7 * time.Second},
	} {
		h := newHang(t, row.agents, heal.Host{Parallel: row.parallel})
		var hung []string
		for i := range row.agents {
			name := fmt.Sprintf("a%02d", (i*7)%row.agents) // not in the order of the policy
			hung = append(hung, name)
			h.unanswered(name)
			h.pass(10 * time.Millisecond)
		}
		h.pass(row.within - time.Duration(row.agents)*10*time.Millisecond)
		switch {
		case len(h.begun) != row.agents || len(h.ends) > 0:
			t.Errorf("%+v: %d were restarted, %d of them are not up again", row, len(h.begun), len(h.ends))
		case !slices.Equal(h.begun, hung):
			t.Errorf("%+v: they hang in the order %v and were healed in the order %v", row, hung, h.begun)
		case h.most > row.most:
			t.Errorf("%+v: %d were taken away at a time", row, h.most)
		}
	}
}

// TestLinesOfOutputAreNoStorm: healthy servers say things at their start that look like failures.
func TestLinesOfOutputAreNoStorm(t *testing.T) {
	h := newHang(t, 5, heal.Host{})
	for _, name := range h.core.order {
		h.step(SignalSeen{Signal: heal.Signal{
			Agent: name, Run: 1, Detector: "log stdout", State: heal.Raised, Witness: heal.WitnessText, Text: "connection refused, retrying",
			Match: &heal.Match{Rule: "unreachable", Type: heal.CommunicationError, Confidence: 0.8},
		}})
	}
	if storm, _ := h.core.Strain(); storm != "" {
		t.Errorf("storm: %s", storm)
	}
}

// TestARefillWakes: what waits because the budget is spent is tried as soon as it is not.
func TestARefillWakes(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{"agent a budget=1 backoff=0s", "launch", "started a", "finished a", `exited a code=1 "panic: boom"`} {
		w.command(line)
	}
	out := w.command("finished a") + w.command("started a") + w.command(`exited a code=1 "panic: boom"`) + w.command("finished a")
	if !strings.Contains(out, "slow_mode a: next try in 10m0s") {
		t.Fatalf("the core did\n%s", out)
	}
	if next := w.core.Status(w.now)[0].NextAttempt; !next.Equal(w.now.Wall.Add(10 * time.Minute)) {
		t.Errorf("the status says %s", next)
	}
	if out := w.command("wait 10m"); !strings.Contains(out, "ACT a") {
		t.Errorf("when the budget was full again the core did\n%s", out)
	}
}

// TestDrillsHaveTheirOwnBudget: a real failure right after a drill is healed as if there had been
// none.
func TestDrillsHaveTheirOwnBudget(t *testing.T) {
	w := newWorld(t)
	fail := []string{`exited a code=1 "panic: boom"`, "finished a", "started a", "wait 11s"}
	for _, line := range []string{"agent a budget=2 backoff=1m verify=10s", "launch", "started a", "finished a"} {
		w.command(line)
	}
	w.step(Ordered{Order: heal.Order{Command: heal.CommandDrill, Agent: "a", For: time.Minute}})
	for range 2 {
		for _, line := range fail {
			w.command(line)
		}
	}
	if out := w.command(fail[0]); strings.Contains(out, "ACT a retry") {
		t.Errorf("the budget of drills has no end:\n%s", out)
	}
	w.step(Ordered{Order: heal.Order{Command: heal.CommandDrill, Agent: "a"}})
	w.command("order start a")
	w.command("started a")
	for range 2 {
		w.command("finished a")
	}
	if left := w.core.Status(w.now)[0].BudgetLeft; left != 2 {
		t.Errorf("the drills have left %d of 2 attempts", left)
	}
	if out := w.command(fail[0]); !strings.Contains(out, "ACT a retry") {
		t.Errorf("for a real failure the core did\n%s", out)
	}
}

// TestEveryFactOfTheGateIsFilled: a rule whose fact nobody fills would allow everything. The
// scripts must show each of them.
func TestEveryFactOfTheGateIsFilled(t *testing.T) {
	seen := map[string]bool{}
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, w := play(t, string(b))
		factsOf(w, seen)
	}
	factsOf(remembering(t), seen)
	for _, f := range reflect.VisibleFields(reflect.TypeFor[heal.Basis]()) {
		if !seen[f.Name] {
			t.Errorf("no script shows %s: either nobody fills it, or nothing tries it", f.Name)
		}
	}
}

// remembering is an agent that fails again over a past with a preference of a person, an
// alternative in force and good generations.
func remembering(t *testing.T) *world {
	w := newWorld(t)
	fail := []string{"launch", "started a", "finished a", `exited a code=1 "panic: boom"`}
	for _, line := range append([]string{"agent a"}, fail...) {
		w.command(line)
	}
	fingerprint := w.core.agents["a"].inc.diag.Fingerprint
	w.recorded = []heal.Event{
		{Kind: heal.EventLesson, Agent: "a", At: dawn, Lesson: &heal.Lesson{
			Agent: "a", Class: "a", Type: heal.ExecutionFailure, Fingerprint: fingerprint, Strategy: heal.Retry, Outcome: heal.Failed,
		}},
		{Kind: heal.EventCommand, Agent: "a", Command: &heal.Order{Command: heal.CommandPin, Class: "a", Fingerprint: fingerprint, Strategy: heal.Restart}},
		{Kind: heal.EventSnapshot, Agent: "a", Result: &heal.Result{Generations: 2}},
		{Kind: heal.EventOutcome, Agent: "a", Outcome: heal.Recovered, Attempt: &heal.Attempt{Strategy: heal.AlternativePath, Params: heal.Params{Name: "mirror", Steps: 1}}},
	}
	w.reborn()
	for _, line := range fail {
		w.command(line)
	}
	return w
}

func factsOf(w *world, seen map[string]bool) {
	for _, e := range w.recorded {
		if e.Plan != nil {
			notZero(reflect.ValueOf(e.Plan.Basis), seen)
		}
	}
}

func notZero(v reflect.Value, seen map[string]bool) {
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			seen[v.Type().Field(i).Name] = true
		}
	}
}
