package engine

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// trial is a host with three agents, a random policy for each, and a history that outlives
// the core: at any moment the core may die and another one go on from what was recorded.
type trial struct {
	t        *rapid.T
	host     heal.Host
	policies []heal.Policy
	taught   []heal.Event
	core     *Core
	now      heal.Stamp
	recorded []heal.Event
	effects  []Effect
	timers   map[Timer]WakeAt
	flight   []heal.Attempt
	runs     int
	boots    int
}

func newTrial(t *rapid.T, taught []heal.Event) *trial {
	x := &trial{t: t, now: dawn, taught: taught, host: heal.Host{Restarts: rapid.IntRange(1, 8).Draw(t, "restarts"), Window: 2 * time.Minute}}
	for _, name := range []string{"a", "b", "c"} {
		p := heal.DefaultPolicy(name)
		p.RiskLimit = rapid.SampledFrom([]float64{0.15, 0.3, 0.45, 0.8}).Draw(t, "risk")
		p.Budget.Attempts = rapid.IntRange(0, 4).Draw(t, "budget")
		p.Critical = rapid.Bool().Draw(t, "critical")
		p.Forbid = rapid.SliceOfN(rapid.SampledFrom([]heal.Strategy{heal.Retry, heal.Restart, heal.Reconfigure}), 0, 2).Draw(t, "forbid")
		x.policies = append(x.policies, p)
	}
	x.policies[1].DependsOn = []string{"a"}
	x.born()
	return x
}

// born begins a core over what was taught and recorded.
func (x *trial) born() {
	l := ledger.New()
	for _, e := range slices.Concat(x.taught, x.recorded) {
		l.Apply(e)
	}
	x.boots++
	x.core = New(l, fmt.Sprint("boot-", x.boots), x.host, x.policies)
	x.timers, x.flight = map[Timer]WakeAt{}, nil
}

func (x *trial) step(m Message) {
	for _, e := range x.core.Step(x.now, m) {
		x.effects = append(x.effects, e)
		switch e := e.(type) {
		case Record:
			x.recorded = append(x.recorded, e.Events...)
		case WakeAt:
			x.timers[e.Timer] = e
		case Act:
			x.flight = append(x.flight, e.Attempt)
			x.acted(e.Attempt)
		}
	}
}

// acted holds an act to what the operator allows.
func (x *trial) acted(a heal.Attempt) {
	i := slices.IndexFunc(x.policies, func(p heal.Policy) bool { return p.Agent == a.Agent })
	if p := x.policies[i]; a.Task != "" || a.Undo || a.Strategy == heal.Escalate {
		return
	} else if slices.Contains(p.Forbid, a.Strategy) {
		x.t.Fatalf("%s is forbidden and done", a.Strategy)
	} else {
		x.risk(p, a)
	}
	if a.Strategy == heal.Isolate {
		return
	}
	x.budgets(x.policies[i])
}

func (x *trial) risk(p heal.Policy, a heal.Attempt) {
	inc := x.core.agents[a.Agent].inc
	if risk := plan.Risk(a.Strategy.Profile().Risk, *inc.diag); a.Strategy != heal.Isolate && risk > p.RiskLimit {
		x.t.Fatalf("%s of risk %.2f is done above the limit %.2f", a.Strategy, risk, p.RiskLimit)
	}
}

// budgets counts from the record, which outlives the core.
func (x *trial) budgets(p heal.Policy) {
	inside, all := 0, []heal.Stamp{}
	for _, e := range x.recorded {
		if e.Kind != heal.EventAttempt || e.On == nil || !*e.On {
			continue
		}
		all = append(all, e.At)
		if e.Agent == p.Agent && x.now.Sub(e.At) < p.Budget.Window {
			inside++
		}
	}
	if inside > p.Budget.Attempts {
		x.t.Fatalf("%d attempts on %s inside the window; %d are allowed", inside, p.Agent, p.Budget.Attempts)
	}
	every := x.host.Window / time.Duration(x.host.Restarts)
	for i, first := range all {
		if n, most := len(all)-i, x.host.Restarts+1+int(x.now.Sub(first)/every); n > most {
			x.t.Fatalf("%d attempts of all agents in %s; %d are allowed", n, x.now.Sub(first), most)
		}
	}
}

// happen is one random thing.
func (x *trial) happen() {
	name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(x.t, "agent")
	switch rapid.IntRange(0, 8).Draw(x.t, "event") {
	case 0:
		x.runs++
		x.step(Started{Agent: name, Run: heal.RunFact{Run: x.runs}})
	case 1, 2:
		x.step(failed(name))
	case 3:
		state := rapid.SampledFrom([]heal.SignalState{heal.Raised, heal.Cleared, heal.StateUnknown}).Draw(x.t, "state")
		x.step(SignalSeen{Signal: heal.Signal{
			Agent: name, Detector: "cpu", State: state, Witness: heal.WitnessResource, Reading: &heal.Reading{Resource: heal.CPU, Value: 2, Limit: 1},
		}})
	case 4, 5:
		if len(x.flight) > 0 {
			a := x.flight[0]
			x.flight = x.flight[1:]
			x.step(AttemptFinished{Result: heal.Result{Attempt: a.ID, Error: rapid.SampledFrom([]string{"", "", "no"}).Draw(x.t, "error")}})
		}
	case 6:
		x.now = x.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(x.t, "seconds")) * time.Second)
		if w, set := x.timers[Timer{Agent: name}]; set && w.At.Mono <= x.now.Mono {
			delete(x.timers, w.Timer)
			x.step(TimerDue{Timer: w.Timer, Gen: w.Gen})
		}
	case 7:
		x.step(Swept{Lag: time.Duration(rapid.IntRange(0, 3).Draw(x.t, "lag")) * time.Second})
	case 8:
		if rapid.IntRange(0, 3).Draw(x.t, "crash") == 0 {
			x.born()
			x.step(Launch{Found: map[string]heal.Found{"a": {State: heal.FoundGone}, "b": {State: heal.FoundGone}, "c": {State: heal.FoundGone}}})
		}
	}
}

// taught draws what was learned before: anything at all.
func taught(t *rapid.T) (all []heal.Event) {
	for range rapid.IntRange(0, 20).Draw(t, "lessons") {
		all = append(all, heal.Event{At: dawn, Kind: heal.EventLesson, Lesson: &heal.Lesson{
			Agent: "a", Class: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "class"), Type: heal.ExecutionFailure, Fingerprint: "v1:x",
			Strategy: rapid.SampledFrom(heal.Profiles).Draw(t, "strategy").Strategy,
			Outcome:  rapid.SampledFrom([]heal.Outcome{heal.Recovered, heal.Failed, heal.Relapsed}).Draw(t, "outcome"),
		}})
	}
	return all
}

// TestNothingIsDoneBeyondWhatIsAllowed: whatever was learned, in any interleaving and over
// any number of deaths of ours, no plan above the risk limit and no forbidden one is
// carried out, and no budget is exceeded.
func TestNothingIsDoneBeyondWhatIsAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := newTrial(t, taught(t))
		for range rapid.IntRange(10, 120).Draw(t, "steps") {
			x.happen()
		}
	})
}

// TestTheSameInputGivesTheSameOutput replays one interleaving on a second core.
func TestTheSameInputGivesTheSameOutput(t *testing.T) {
	once := rapid.Custom(func(t *rapid.T) []Effect {
		x := newTrial(t, nil)
		for range 60 {
			x.happen()
		}
		return x.effects
	})
	for seed := range 50 {
		if a, b := once.Example(seed), once.Example(seed); !reflect.DeepEqual(a, b) {
			t.Fatalf("seed %d: a second core does something else", seed)
		}
	}
}
