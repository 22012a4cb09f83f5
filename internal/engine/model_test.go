package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// model is a host as it really is, beside the core that only hears of it: processes that run
// or do not, an executor that does what it was handed, people who give orders. What the core
// believes is compared with it after every step (model_check_test.go).
type model struct {
	rng      *rand.Rand
	now      heal.Stamp
	policies []heal.Policy
	core     *Core
	recorded []heal.Event
	timers   map[Timer]WakeAt
	// flight are the attempts that were handed out and not carried out.
	flight    []heal.Attempt
	cancelled map[string]bool
	procs     map[string]*process
	ids       int
	// gentle says that nothing fails any more.
	gentle bool
	trail  []string
	// fault is what the core did that it must never do.
	fault error
	// met counts what happened in which phase.
	met map[encounter]int
}

// encounter is a kind of message that met an agent in a phase; empty for no incident.
type encounter struct {
	phase   phase
	message string
}

// process is the truth about one agent.
type process struct {
	running bool
	run     heal.RunFact
	// down and held are what people want; finished says that it ended its work.
	down, finished bool
	// stopped is the number of the latest order to stop it.
	stopped int
	// told says that the core was told of the present run.
	told bool
}

var modelAgents = []string{"a", "b", "c"}

// outsideName is something outside that agent c depends on.
const outsideName = "pg"

func newModel(seed uint64) *model {
	m := &model{rng: rand.New(rand.NewPCG(seed, 1)), now: dawn, procs: map[string]*process{}, met: map[encounter]int{}, cancelled: map[string]bool{}}
	for _, name := range modelAgents {
		p := heal.DefaultPolicy(name)
		p.RiskLimit = 1 // what may not be done for its risk waits for people, forever
		p.Budget.Attempts = m.rng.IntN(6) + 1
		p.Critical = m.rng.IntN(2) == 0
		p.OnLimit = pick(m, heal.OnLimitSlow, heal.OnLimitSlow, heal.OnLimitHold, heal.OnLimitStop)
		if m.rng.IntN(4) == 0 {
			p.Approve, p.ApproveWithin = []heal.Strategy{heal.Restart, heal.Retry}, time.Minute
		}
		m.policies = append(m.policies, p)
		m.procs[name] = &process{}
	}
	m.policies[1].DependsOn = []string{"a"}
	m.policies[2].DependsOn = []string{outsideName}
	if m.rng.IntN(2) == 0 {
		m.policies[2].Prevent.Strategies = []heal.Strategy{heal.Restart, heal.Reconfigure}
	}
	m.born()
	return m
}

func pick[T any](m *model, from ...T) T { return from[m.rng.IntN(len(from))] }

// born is a sidecar that begins over what was recorded, and looks at what there is.
func (m *model) born() {
	l := ledger.New()
	for _, e := range m.recorded {
		l.Apply(e)
	}
	found := map[string]heal.Found{}
	for name, p := range m.procs {
		found[name] = p.found(l.Agent(name).Run)
	}
	m.core = New(l, "boot", heal.DefaultHost(), m.policies)
	m.timers, m.flight, m.cancelled = map[Timer]WakeAt{}, nil, map[string]bool{}
	m.step(Launch{Found: found, By: m.starter()})
}

// starter is who starts a sidecar. The command itself takes back what a person ordered.
func (m *model) starter() Starter {
	by := pick(m, Unattended, Unattended, Operator, CommandLine)
	if by == CommandLine {
		for _, p := range m.procs {
			p.down = false
		}
	}
	return by
}

// found is what the supervisor says of an agent to a core that has a record of its run, or
// none.
func (p *process) found(record *heal.RunFact) heal.Found {
	switch {
	case p.running:
		p.told = true
		run := p.run
		return heal.Found{State: heal.FoundAlive, Run: &run, Why: "3 witnesses agree"}
	case record != nil:
		return heal.Found{State: heal.FoundGone}
	}
	return heal.Found{}
}

func (m *model) step(msg Message) {
	switch msg.(type) {
	case Swept, Ready: // they come too often to be worth a line
	default:
		m.note("%s %T%+v", m.now.Sub(dawn), msg, msg)
	}
	m.meet(msg)
	for _, e := range m.core.Step(m.now, msg) {
		switch e := e.(type) {
		case Record:
			m.recorded = append(m.recorded, e.Events...)
		case WakeAt:
			m.timers[e.Timer] = e
		case Act:
			m.overlaps(e.Attempt)
			m.flight = append(m.flight, e.Attempt)
			m.note("    ACT %s %s %s", e.Attempt.Agent, e.Attempt.ID, name(e.Attempt))
		case Cancel:
			m.cancelled[e.Attempt] = true
		}
	}
}

// overlaps notes an attempt that is handed out while another has its hands on the agent.
func (m *model) overlaps(a heal.Attempt) {
	other := slices.IndexFunc(m.flight, func(f heal.Attempt) bool { return f.Agent == a.Agent && takesHands(f) })
	if other >= 0 && takesHands(a) && m.fault == nil {
		m.fault = fmt.Errorf("%s: %s begins while %s is under way", a.Agent, a.ID, m.flight[other].ID)
	}
}

// note keeps the latest of what happened, for the one who has to understand it.
func (m *model) note(format string, args ...any) {
	if m.trail = append(m.trail, fmt.Sprintf(format, args...)); len(m.trail) > 40 {
		m.trail = m.trail[1:]
	}
}

// happen is one random thing.
func (m *model) happen() {
	agent := pick(m, modelAgents...)
	p := m.procs[agent]
	switch n := m.rng.IntN(100); {
	case n < 12 && p.running:
		m.end(agent, heal.Exit{Code: 1}, false)
	case n < 13 && p.running:
		p.finished = true
		m.end(agent, heal.Exit{}, false)
	case n < 20:
		m.observe(agent)
	case n < 24 && p.running:
		m.step(Ready{Agent: agent, Run: p.run.Run, Lost: m.rng.IntN(4) == 0})
	case n < 55:
		m.carryOut()
	case n < 85:
		m.passTime(time.Duration(m.rng.IntN(60000)) * time.Millisecond)
	case n < 90:
		m.step(Swept{})
	case n < 97:
		m.order(agent)
	case n < 98:
		m.die()
	case n < 99:
		m.rarely(agent)
	case p.running && !p.down:
		m.step(RestartRequested{Agent: agent, Run: p.run.Run})
	}
}

// rarely is what happens now and then.
func (m *model) rarely(agent string) {
	inc := m.core.agents[agent].inc
	switch n := m.rng.IntN(6); {
	case n == 0:
		m.step(CredentialsChanged{Agent: agent})
	case n == 1:
		m.step(DependencySeen{Name: outsideName, Down: pick(m, "", "", "connection refused")})
	case n == 2:
		m.step(SafePoint{Agent: agent, Run: m.procs[agent].run.Run, Safe: m.rng.IntN(2) == 0})
	case n == 3:
		m.step(PolicyReplaced{Agents: m.policies, Host: heal.DefaultHost(), Note: "nothing"})
	case inc != nil && n == 4:
		m.step(PortFreed{Agent: agent, Incident: inc.id})
	case inc != nil:
		m.ids++
		cmd := pick(m, heal.CommandApprove, heal.CommandRefuse, heal.CommandAck)
		m.step(Ordered{ID: fmt.Sprintf("order-%d", m.ids), Order: heal.Order{Command: cmd, Agent: agent, Incident: inc.id}})
	}
}

// meet counts what the agents are told in which phase.
func (m *model) meet(msg Message) {
	kind := strings.TrimPrefix(fmt.Sprintf("%T", msg), "engine.")
	for _, a := range m.core.agents {
		p := phase("")
		if a.inc != nil {
			p = a.inc.phase
		}
		m.met[encounter{p, kind}]++
	}
}

// observe is a signal of a detector.
func (m *model) observe(agent string) {
	s := heal.Signal{Agent: agent, Run: m.procs[agent].run.Run, State: pick(m, heal.Raised, heal.Cleared, heal.Cleared, heal.StateUnknown)}
	switch m.rng.IntN(5) {
	case 0:
		s.Detector, s.Witness = "leak memory", heal.WitnessForecast
		s.Vote = &heal.Vote{Type: heal.ResourceExhaustion, Weight: 0.9, Why: "it runs out"}
		s.Urgent, s.Left = m.rng.IntN(2) == 0, 10*time.Minute
	case 1, 2:
		s.Detector, s.Witness, s.Reading = "memory", heal.WitnessResource, &heal.Reading{Resource: heal.Memory, Value: 2, Limit: 1}
	default:
		s.Detector, s.Witness, s.State = "log stdout", heal.WitnessText, heal.Raised
		s.Match = &heal.Match{Rule: "r", Type: pick(m, heal.ExecutionFailure, heal.DependencyFailure, heal.ConfigurationError), Confidence: 0.9, Operator: m.rng.IntN(2) == 0}
	}
	if m.procs[agent].running || s.Witness == heal.WitnessText {
		m.step(SignalSeen{Signal: s})
	}
}

// order is what a person wants.
func (m *model) order(agent string) {
	cmd := pick(m, heal.CommandStart, heal.CommandStop, heal.CommandRestart, heal.CommandRelease, heal.CommandHold, heal.CommandIsolate, heal.CommandRestore, heal.CommandSnapshot, heal.CommandPause, heal.CommandResume)
	m.say(agent, cmd)
}

func (m *model) say(agent string, cmd heal.Command) {
	m.ids++
	switch cmd {
	case heal.CommandStop:
		m.procs[agent].down, m.procs[agent].stopped = true, m.ids
	case heal.CommandStart, heal.CommandRestart, heal.CommandRelease:
		m.procs[agent].down, m.procs[agent].finished = false, false
	}
	m.step(Ordered{ID: fmt.Sprintf("order-%d", m.ids), Order: heal.Order{Command: cmd, Agent: agent}})
}

// die is a death of the sidecar: of the attempts under way some were carried out, and nobody
// was told.
func (m *model) die() {
	for len(m.flight) > 0 {
		if m.rng.IntN(2) == 0 {
			m.perform(m.flight[0], func(Message) {})
		}
		m.flight = m.flight[1:]
	}
	m.born()
}

// passTime lets a while go by; timers come due in their order.
func (m *model) passTime(d time.Duration) {
	end := m.now.Add(d)
	for {
		next, ok := m.nextTimer(end)
		if !ok {
			break
		}
		delete(m.timers, next.Timer)
		m.now = heal.Stamp{Mono: max(next.At.Mono, m.now.Mono), Wall: m.now.Wall.Add(max(next.At.Sub(m.now), 0))}
		m.step(TimerDue{Timer: next.Timer, Gen: next.Gen})
	}
	m.now = end
}

func (m *model) nextTimer(end heal.Stamp) (next WakeAt, ok bool) {
	for _, w := range m.timers {
		if w.At.Mono <= end.Mono && (!ok || w.At.Mono < next.At.Mono || w.At.Mono == next.At.Mono && w.Agent < next.Agent) {
			next, ok = w, true
		}
	}
	return next, ok
}

// end is the end of a run.
func (m *model) end(agent string, exit heal.Exit, ordered bool) {
	m.ended(agent, exit, ordered, m.step)
}

func (m *model) ended(agent string, exit heal.Exit, ordered bool, tell func(Message)) {
	p := m.procs[agent]
	p.running = false
	msg := Exited{Agent: agent, Exit: exit, Ordered: ordered}
	if exit.Code != 0 && !ordered || exit.Errno != "" {
		msg.Signal = &heal.Signal{Agent: agent, Run: p.run.Run, Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit}
	}
	tell(msg)
}

// number is that of an order.
func number(id string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(id, "order-"))
	return n
}

// carryOut does one of the attempts under way, and reports it.
func (m *model) carryOut() {
	if len(m.flight) == 0 {
		return
	}
	i := m.rng.IntN(len(m.flight))
	a := m.flight[i]
	m.flight = slices.Delete(m.flight, i, i+1)
	fault := m.perform(a, m.step)
	if p := m.procs[a.Agent]; a.Task == heal.TaskRestore && fault == "" {
		p.finished = false
		if number(a.ID) > p.stopped { // a later order to stop wins
			p.down = false
		}
	}
	m.step(AttemptFinished{Result: heal.Result{Attempt: a.ID, Error: fault}})
}
