package simulate

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// Case is one failure of a simulated agent, as a detector would report it.
type Case struct {
	Agent, Class string
	Text         string
	// Type is what the detector takes it for; it may be wrong.
	Type heal.ErrorType
	// Facts of the contract, known before anything is done.
	Critical, Repeatable, Snapshot bool
	Dependents                     int
	// Began is when the failure began.
	Began time.Duration
}

// Terms are what remedies cost in a world.
type Terms struct {
	Costs  map[heal.Strategy]heal.Cost
	Person time.Duration
}

// Decision is what the engine wants to do now.
type Decision struct {
	Strategy heal.Strategy
	Wait     time.Duration
}

// Verdict is what became of a decision.
type Verdict int

// The verdicts. A remedy that relapsed worked for a while.
const (
	Healed Verdict = iota
	Failed
	Relapsed
)

// bounds of one incident (ENGINE.md 2.8).
const (
	mostTries, mostRuns = 6, 10
	incidentBudget      = 1000
	workTime            = 15 * time.Minute
)

// Subject is the engine with simulated agents around it.
type Subject struct {
	terms Terms
	// base is the policy in force; nil for one that allows everything.
	base       *heal.Policy
	classifier *classify.Classifier
	core       *engine.Core
	policies   []heal.Policy
	runs       map[string]int
	now        heal.Stamp
	orders     int
	// The present incident.
	current Case
	// effects of the latest steps that are not dealt with.
	act    *heal.Attempt
	wake   *engine.WakeAt
	plan   heal.Plan
	failed bool
	open   bool
}

// New returns an engine that has learned nothing.
func New(terms Terms) (*Subject, error) {
	c, err := classify.New(nil)
	if err != nil {
		return nil, err
	}
	return &Subject{
		terms: terms, classifier: c, core: engine.New(ledger.New(), "simulated", heal.Host{}, nil), runs: map[string]int{},
		now: heal.Stamp{Mono: time.Hour, Wall: epoch},
	}, nil
}

// epoch is when virtual time begins.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// at moves the clock to a time of the world. It never goes back: incidents of a world
// may overlap, ours come one after the other.
func (s *Subject) at(t time.Duration) {
	if d := t + time.Hour - s.now.Mono; d > 0 {
		s.now = s.now.Add(d)
		s.now.Wall = epoch.Add(s.now.Mono)
	}
}

// step gives the core a message and keeps what it wants.
func (s *Subject) step(m engine.Message) {
	for _, e := range s.core.Step(s.now, m) {
		switch e := e.(type) {
		case engine.Act:
			if e.Attempt.Undo { // nothing is left in force here
				defer s.step(engine.AttemptFinished{Result: heal.Result{Attempt: e.Attempt.ID}})
				continue
			}
			s.act = &e.Attempt
		case engine.WakeAt:
			s.wake = &e
		case engine.Record:
			s.recorded(e.Events)
		}
	}
}

// recorded keeps the latest plan, and whether an incident is open.
func (s *Subject) recorded(events []heal.Event) {
	for _, e := range events {
		switch e.Kind {
		case heal.EventOpened:
			s.open = true
		case heal.EventClosed:
			s.open = false
		}
		if e.Plan != nil {
			s.plan = *e.Plan
		}
	}
}

// Begin makes an agent fail.
func (s *Subject) Begin(c Case) {
	s.current, s.failed = c, true
	s.at(c.Began)
	s.allow(s.policy(c))
	if s.runs[c.Agent] == 0 {
		s.start()
		s.done("")
	}
}

// done reports what was handed out last, if anything was.
func (s *Subject) done(fault string) {
	if s.act != nil {
		id := s.act.ID
		s.act = nil
		s.step(engine.AttemptFinished{Result: heal.Result{Attempt: id, Error: fault}})
	}
}

// policy lets the engine use everything, in the order that it finds best.
func (s *Subject) policy(c Case) heal.Policy {
	if s.base != nil {
		return *s.base
	}
	p := heal.DefaultPolicy(c.Agent)
	p.Class, p.Critical, p.Unrepeatable, p.Dependents = c.Class, c.Critical, !c.Repeatable, c.Dependents
	p.Costs, p.Person = s.terms.Costs, s.terms.Person
	p.Backoff, p.VerifyFor = heal.Backoff{}, time.Minute
	p.Budget = heal.Budget{Attempts: incidentBudget, Window: workTime}
	p.Tries, p.Declared = map[heal.Strategy]int{}, map[heal.Strategy]bool{}
	p.Ladders, p.Learned = map[heal.ErrorType][]heal.Strategy{}, map[heal.ErrorType]bool{}
	var all []heal.Strategy
	for _, profile := range heal.Profiles {
		one := profile.Strategy
		all = append(all, one)
		p.Tries[one], p.Declared[one] = mostTries, true
	}
	p.Tries[heal.Retry], p.Tries[heal.WaitAndRetry] = mostRuns, mostRuns
	p.Declared[heal.Rollback] = c.Snapshot
	for _, t := range heal.ErrorTypes {
		p.Ladders[t], p.Learned[t] = all, true
	}
	return p
}

func (s *Subject) allow(p heal.Policy) {
	i := slices.IndexFunc(s.policies, func(old heal.Policy) bool { return old.Agent == p.Agent })
	if i < 0 {
		s.policies = append(s.policies, p)
	} else {
		s.policies[i] = p
	}
	s.step(engine.PolicyReplaced{Agents: slices.Clone(s.policies)})
}

// start tells that the agent runs.
func (s *Subject) start() {
	s.runs[s.current.Agent]++
	s.step(engine.Started{Agent: s.current.Agent, Run: heal.RunFact{Run: s.runs[s.current.Agent], PID: 1}})
}

// fail tells that the agent has ended.
func (s *Subject) fail() {
	c := s.current
	out := s.classifier.Read([]string{c.Text}, &heal.Exit{Code: 1}, s.now.Wall)
	s.step(engine.Exited{Agent: c.Agent, Exit: heal.Exit{Code: 1}, Signal: &heal.Signal{
		Agent: c.Agent, Run: s.runs[c.Agent], Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit,
		Exit: &heal.Exit{Code: 1}, Output: &out, Vote: &heal.Vote{Type: c.Type, Weight: hintWeight, Why: "the detector's word"},
	}})
	s.failed = false
}

// hintWeight is how much the detector's word counts.
const hintWeight = 1.5

// Choose asks what to do at a time since the failure began.
func (s *Subject) Choose(elapsed time.Duration) (Decision, error) {
	s.at(s.current.Began + elapsed)
	if s.failed {
		s.act, s.wake = nil, nil
		s.fail()
	}
	waited := time.Duration(0)
	for range mostWaits {
		switch {
		case s.act != nil:
			return Decision{s.act.Strategy, waited}, nil
		case s.wake == nil:
			return Decision{}, fmt.Errorf("cannot go on: the engine wants nothing: %s", s.plan.Reason)
		case s.plan.Strategy != "":
			return Decision{s.plan.Strategy, waited + s.plan.Delay}, nil
		}
		waited += s.pass()
	}
	return Decision{}, fmt.Errorf("cannot go on: the engine waits forever: %s", s.plan.Reason)
}

// pass lets the time pass until the engine asked to be woken.
func (s *Subject) pass() time.Duration {
	w := *s.wake
	s.wake = nil
	d := max(w.At.Sub(s.now), 0)
	s.now = s.now.Add(d)
	s.step(engine.TimerDue{Timer: w.Timer, Gen: w.Gen})
	return d
}

// Outcome tells what became of the decision, at the end of it.
func (s *Subject) Outcome(d Decision, v Verdict, ended time.Duration) {
	if s.act == nil && s.wake != nil {
		s.at(s.current.Began + ended - s.actionOf(d.Strategy))
		s.step(engine.TimerDue{Timer: s.wake.Timer, Gen: s.wake.Gen})
	}
	s.at(s.current.Began + ended)
	if s.act == nil || s.act.Strategy != d.Strategy || d.Strategy == heal.Escalate {
		s.person() // the world did something else
		s.failed = v != Healed
		return
	}
	s.report(v)
}

func (s *Subject) actionOf(one heal.Strategy) time.Duration { return s.terms.Costs[one].Act }

// report passes a verdict on as what a host would see.
func (s *Subject) report(v Verdict) {
	attempt := s.act.ID
	isolated := s.act.Strategy == heal.Isolate
	s.act, s.wake = nil, nil
	switch {
	case isolated && v != Healed:
		s.step(engine.AttemptFinished{Result: heal.Result{Attempt: attempt, Error: "it was not stopped"}})
		return
	case isolated:
		s.step(engine.AttemptFinished{Result: heal.Result{Attempt: attempt}})
		s.person() // who lets it go
		return
	}
	s.start()
	s.step(engine.AttemptFinished{Result: heal.Result{Attempt: attempt}})
	switch v {
	case Failed:
		s.fail()
	case Relapsed:
		s.failed = true // it shows when the next choice is asked for
	case Healed:
		for range mostWaits {
			if s.wake == nil || !s.open {
				return
			}
			s.pass()
		}
	}
}

// mostWaits bounds how often a proof may be prolonged.
const mostWaits = 20

// person mends the agent by hand and starts it.
func (s *Subject) person() {
	s.orders++
	id := fmt.Sprintf("order-%d", s.orders)
	s.step(engine.Ordered{ID: id, Order: heal.Order{Command: heal.CommandStart, Agent: s.current.Agent}})
	for range mostWaits {
		switch {
		case s.act != nil && s.act.ID == id:
			s.start()
			s.done("")
		case s.act != nil:
			s.done("it was called off")
		}
	}
	s.act, s.wake, s.failed = nil, nil, false
}
