package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// check compares what the core believes with what is.
func (m *model) check() error {
	if m.fault != nil {
		return m.fault
	}
	for _, name := range modelAgents {
		if err := m.checkAgent(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (m *model) checkAgent(name string) error {
	a, p, record := m.core.agents[name], m.procs[name], m.core.ledger.Agent(name)
	if a.running != p.running {
		return fmt.Errorf("believed to run: %v, runs: %v", a.running, p.running)
	}
	if record.Down != p.down {
		return fmt.Errorf("wanted down: %v, a person wants it down: %v", record.Down, p.down)
	}
	if (record.Run != nil) != p.running || p.running && record.Run.ID != p.run.ID {
		return fmt.Errorf("the record holds %+v, it is %+v", record.Run, p.run)
	}
	return m.alive(name)
}

// alive is the law that nothing is silently dead: an agent that should run and does not is
// being started, waits for a time, for what it needs, or for people who know.
func (m *model) alive(name string) error {
	a, p, record := m.core.agents[name], m.procs[name], m.core.ledger.Agent(name)
	underWay := slices.ContainsFunc(m.flight, func(f heal.Attempt) bool { return f.Agent == name })
	if p.running || p.down || p.finished || underWay || record.Hold != "" || a.waiting || a.done || m.core.ledger.Paused {
		return nil
	}
	if a.inc == nil {
		return fmt.Errorf("down, with no incident and nothing under way")
	}
	timer, set := m.timers[Timer{Agent: name}]
	switch a.inc.phase {
	case held, gaveUp, asking, blocked:
		return nil
	}
	if !set || timer.Gen != a.gen {
		return fmt.Errorf("down, %s, and no timer will wake it", a.inc.phase)
	}
	if at := m.core.refill(a); a.inc.phase == slow && !at.IsZero() && timer.At.Mono > at.Mono {
		return fmt.Errorf("the budget is full again at %s, and the next try is at %s", at.Sub(dawn), timer.At.Sub(dawn))
	}
	return nil
}

// reread compares the folded state with one that is folded anew from the record: a death
// now would lose nothing.
func (m *model) reread() error {
	l := ledger.New()
	for _, e := range m.recorded {
		l.Apply(e)
	}
	for _, name := range modelAgents {
		l.Agent(name) // one that is only looked at is there from then on
	}
	was, err := json.Marshal(m.core.ledger)
	if err != nil {
		return err
	}
	is, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if string(was) != string(is) {
		return fmt.Errorf("folded anew the record says\n%s\nthe core has\n%s", is, was)
	}
	return nil
}

// settle lets everything go well from now on, for long enough, and demands that everybody
// who should be well is.
func (m *model) settle() error {
	m.gentle = true
	m.say("", heal.CommandResume)
	for _, name := range modelAgents {
		m.step(SignalSeen{Signal: heal.Signal{Agent: name, Detector: "memory", State: heal.Cleared, Witness: heal.WitnessResource}})
		m.step(SignalSeen{Signal: heal.Signal{Agent: name, Detector: "leak memory", State: heal.Cleared, Witness: heal.WitnessForecast}})
	}
	for range 6 * 60 {
		for len(m.flight) > 0 {
			m.carryOut()
		}
		for _, name := range modelAgents {
			if p := m.procs[name]; p.running {
				m.step(Ready{Agent: name, Run: p.run.Run})
			}
		}
		m.step(DependencySeen{Name: outsideName})
		m.step(Swept{})
		m.passTime(20 * time.Second)
	}
	for _, name := range modelAgents {
		if err := m.well(name); err != nil {
			return fmt.Errorf("%s after two hours without a fault: %w", name, err)
		}
	}
	return m.check()
}

// waitsForPeople reports that a person was asked and has not approved.
func waitsForPeople(i *incident) bool {
	for _, answer := range i.answers {
		if !answer.Given {
			return true
		}
	}
	return false
}

func (m *model) well(name string) error {
	a, p, record := m.core.agents[name], m.procs[name], m.core.ledger.Agent(name)
	lacks := slices.Contains(a.policy.DependsOn, "a") && !m.procs["a"].running
	people := a.inc != nil && (a.inc.phase == gaveUp || a.inc.unanswered || waitsForPeople(a.inc)) // as the policy wants it
	if p.down || record.Hold != "" || a.done || p.finished || lacks || people {
		return nil
	}
	if !p.running || a.inc != nil {
		phase := phase("")
		if a.inc != nil {
			phase = a.inc.phase
		}
		return fmt.Errorf("running %v, incident %v, phase %s", p.running, incidentID(a), phase)
	}
	return nil
}

// modelSteps is how many steps the model takes; HEALER_MODEL_STEPS says another number.
const modelSteps, modelLife = 100_000, 500

// walkSteps is how many it takes until every phase has met every message.
const walkSteps = 1_000_000

// TestModel lets a host, its people and deaths of ours happen at random beside the core.
func TestModel(t *testing.T) {
	steps := modelSteps
	if n, err := strconv.Atoi(os.Getenv("HEALER_MODEL_STEPS")); err == nil {
		steps = n
	}
	met := map[encounter]int{}
	for seed := range uint64(steps / modelLife) {
		m := newModel(seed)
		if err := m.live(); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, strings.Join(m.trail, "\n"))
		}
		for e, n := range m.met {
			met[e] += n
		}
	}
	if steps >= walkSteps {
		walked(t, met)
	}
	t.Logf("%d steps, %d pairs of phase and message met", steps, len(met))
}

// phases are all of them; the first is that of an agent without an incident.
var phases = []phase{"", gathering, watching, delayed, asking, acting, undoing, verifying, ordered, slow, held, gaveUp, blocked}

func phaseOf(a *agent) phase {
	if a.inc == nil {
		return ""
	}
	return a.inc.phase
}

// walked demands that every phase met everything that can happen in any of them.
func walked(t *testing.T, met map[encounter]int) {
	t.Helper()
	messages := []string{"SignalSeen", "Started", "Exited", "AttemptFinished", "TimerDue", "Ordered", "Swept", "Ready", "RestartRequested"}
	for _, p := range phases {
		for _, kind := range messages {
			if met[encounter{p, kind}] == 0 {
				t.Errorf("nothing of %s happened while an agent was %q", kind, p)
			}
		}
	}
}

func (m *model) live() error {
	for n := range modelLife {
		m.happen()
		if err := m.check(); err != nil {
			return fmt.Errorf("step %d: %w", n, err)
		}
		if n%100 == 99 {
			if err := m.reread(); err != nil {
				return fmt.Errorf("step %d: %w", n, err)
			}
		}
	}
	return m.settle()
}
