package engine

import (
	"fmt"
	"testing"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// chaos feeds the core arbitrary bytes as messages and keeps what must always hold.
type chaos struct {
	*testing.T
	core   *Core
	now    heal.Stamp
	timer  WakeAt
	flight []heal.Attempt
	budget []heal.Stamp
}

func (c *chaos) step(m Message) {
	intents := map[string]bool{}
	for _, e := range c.core.Step(c.now, m) {
		switch e := e.(type) {
		case Record:
			note(intents, e.Events)
			c.refilled(e.Events)
		case Act:
			if !intents[e.Attempt.ID] {
				c.Fatalf("the act %s has no intent before it", e.Attempt.ID)
			}
			c.acted(e.Attempt)
		case WakeAt:
			c.timer = e
		}
	}
}

func note(intents map[string]bool, events []heal.Event) {
	for _, e := range events {
		if e.Kind == heal.EventAttempt {
			intents[e.Attempt.ID] = true
		}
	}
}

// refilled begins the budget again where a person starts the agent.
func (c *chaos) refilled(events []heal.Event) {
	for _, e := range events {
		if e.Kind != heal.EventCommand || e.Command == nil {
			continue
		}
		switch e.Command.Command {
		case heal.CommandStart, heal.CommandRestart, heal.CommandRelease:
			c.budget = nil
		}
	}
}

// acted checks an act against what a person wants and what the budget allows.
func (c *chaos) acted(a heal.Attempt) {
	c.flight = append(c.flight, a)
	if a.Task != "" || a.Undo {
		return
	}
	record := c.core.Ledger().Agent("a")
	if record.Down || c.core.Ledger().Paused || record.Hold != "" {
		c.Fatalf("%s although down %v, paused %v, hold %q", a.Strategy, record.Down, c.core.Ledger().Paused, record.Hold)
	}
	if a.Strategy == heal.Escalate || a.Strategy == heal.Isolate {
		return
	}
	c.budget = append(c.budget, c.now)
	inside := 0
	for _, at := range c.budget {
		if c.now.Sub(at) < 10*time.Minute {
			inside++
		}
	}
	if inside > 5 {
		c.Fatalf("%d attempts inside the window", inside)
	}
}

var boom = heal.TextEvidence{Votes: []heal.Vote{{Type: heal.ExecutionFailure, Weight: 0.85, Why: "rule go-panic"}}, Template: "panic: boom"}

var chaosCommands = []heal.Command{heal.CommandStart, heal.CommandStop, heal.CommandRestart, heal.CommandRelease, heal.CommandPause, heal.CommandResume}

func (c *chaos) message(b byte) Message {
	n := int(b >> 3)
	signal := heal.Signal{Agent: "a", Run: n % 3, Detector: "d", State: heal.Raised, Witness: heal.WitnessResource, Reading: &heal.Reading{Resource: heal.Memory, Value: 2, Limit: 1}}
	switch b & 7 {
	case 0:
		return Started{Agent: "a", Run: heal.RunFact{Run: n}}
	case 1:
		exit := heal.Exit{Code: n % 4}
		failure := &heal.Signal{Agent: "a", Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit, Output: &boom}
		if exit.Code == 0 {
			failure = nil
		}
		return Exited{Agent: "a", Exit: exit, Ordered: n%5 == 4, Signal: failure}
	case 2:
		signal.State = []heal.SignalState{heal.Raised, heal.Cleared, heal.StateUnknown}[n%3]
		return SignalSeen{Signal: signal}
	case 3:
		signal.Witness, signal.Reading = heal.WitnessText, nil
		signal.Match = &heal.Match{Rule: "r", Type: heal.ErrorTypes[n%len(heal.ErrorTypes)], Confidence: 0.9, Operator: n%2 == 0}
		return SignalSeen{Signal: signal}
	case 4, 5:
		if len(c.flight) == 0 {
			return Launch{}
		}
		a := c.flight[0]
		c.flight = c.flight[1:]
		return AttemptFinished{Result: heal.Result{Attempt: a.ID, Error: map[bool]string{true: "it did not work"}[n%7 == 6]}}
	case 6:
		c.now = c.now.Add(time.Duration(n) * 7 * time.Second)
		return TimerDue{Timer: Timer{Agent: "a"}, Gen: c.timer.Gen}
	}
	return Ordered{ID: "order", Order: heal.Order{Command: chaosCommands[n%len(chaosCommands)], Agent: "a"}}
}

func FuzzStep(f *testing.F) {
	f.Add([]byte{4, 0, 9, 4, 8, 9, 6, 254, 4, 0, 9, 62, 70})
	f.Add([]byte{0, 2, 4, 10, 250, 6, 15, 23, 31, 39, 47})
	f.Fuzz(func(t *testing.T, script []byte) {
		policy := heal.DefaultPolicy("a")
		c := &chaos{T: t, now: dawn, core: New(ledger.New(), "boot", heal.DefaultHost(), []heal.Policy{policy})}
		for _, b := range script[:min(len(script), 300)] {
			c.step(c.message(b))
		}
	})
}

func benchCore(b *testing.B) *Core {
	policy := heal.DefaultPolicy("a")
	policy.Budget.Attempts = 1 << 30
	return New(ledger.New(), "boot", heal.DefaultHost(), []heal.Policy{policy})
}

// BenchmarkStepSignal is one signal that changes nothing.
func BenchmarkStepSignal(b *testing.B) {
	core := benchCore(b)
	m := SignalSeen{Signal: heal.Signal{Agent: "a", Detector: "memory", State: heal.Cleared, Witness: heal.WitnessResource}}
	b.ReportAllocs()
	for b.Loop() {
		core.Step(dawn, m)
	}
}

// BenchmarkStepFailure is the whole way of one failure: the end, its diagnosis, the
// plan, the gate, the intent, the next run, and the verified outcome.
func BenchmarkStepFailure(b *testing.B) {
	core := benchCore(b)
	exit := heal.Exit{Code: 1}
	failure := &heal.Signal{Agent: "a", Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit, Output: &boom}
	now := dawn
	b.ReportAllocs()
	for b.Loop() {
		core.Step(now, Started{Agent: "a", Run: heal.RunFact{Run: 1}})
		now = now.Add(10 * time.Minute)
		core.Step(now, Exited{Agent: "a", Exit: exit, Signal: failure})
		core.Step(now, Started{Agent: "a", Run: heal.RunFact{Run: 1}})
		core.Step(now, AttemptFinished{Result: heal.Result{Attempt: core.agents["a"].inc.attempt.ID}})
		now = now.Add(time.Minute)
		core.Step(now, TimerDue{Timer: Timer{Agent: "a"}, Gen: core.agents["a"].gen})
	}
}

// busyCore has 1,000 open incidents and 10,000 patterns.
func busyCore(b *testing.B) *Core {
	l := ledger.New()
	strategies := []heal.Strategy{heal.Retry, heal.Restart, heal.WaitAndRetry}
	for i := range 10_000 {
		l.Apply(heal.Event{At: dawn, Kind: heal.EventLesson, Lesson: &heal.Lesson{
			Agent: "a", Class: fmt.Sprintf("a%d", i%1000), Type: heal.ExecutionFailure, Fingerprint: fmt.Sprintf("v1:%d", i/2), Strategy: strategies[i%3], Outcome: heal.Failed,
		}})
	}
	var policies []heal.Policy
	for i := range 1000 {
		p := heal.DefaultPolicy(fmt.Sprintf("a%d", i))
		p.Budget.Attempts = 1 << 20
		policies = append(policies, p)
	}
	c := New(l, "boot", heal.DefaultHost(), policies)
	for _, p := range policies {
		c.Step(dawn, Started{Agent: p.Agent, Run: heal.RunFact{Run: 1}})
		c.Step(dawn, failed(p.Agent))
	}
	return c
}

func failed(agent string) Exited {
	exit := heal.Exit{Code: 1}
	return Exited{Agent: agent, Exit: exit, Signal: &heal.Signal{
		Agent: agent, Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit, Output: &boom,
	}}
}

// BenchmarkStepBusy is the mean of the steps of one more failure with 1,000 open incidents
// and 10,000 patterns: its time comes, the next run begins, the remedy is reported, and the
// run fails again.
func BenchmarkStepBusy(b *testing.B) {
	c := busyCore(b)
	now, n := dawn.Add(time.Minute), 0
	b.ReportAllocs()
	for b.Loop() {
		name := fmt.Sprintf("a%d", n/4%1000)
		a := c.agents[name]
		var m Message = TimerDue{Timer: Timer{Agent: name}, Gen: a.gen}
		switch {
		case n%4 == 1:
			m = Started{Agent: name, Run: heal.RunFact{Run: n}}
		case n%4 == 2 && a.inc.attempt != nil:
			m = AttemptFinished{Result: heal.Result{Attempt: a.inc.attempt.ID}}
		case n%4 == 3:
			a.inc.tried = map[heal.Strategy]int{}
			m = failed(name)
		}
		now = now.Add(10 * time.Millisecond)
		c.Step(now, m)
		n++
	}
}
