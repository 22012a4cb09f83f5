package engine

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// started notes a new run.
func (c *Core) started(a *agent, m Started) {
	a.watched = nil
	a.running, a.ready, a.waiting, a.started, a.done, a.safe = true, false, false, c.now, false, false
	a.runs = m.Run.Run
	a.forget()
	a.printed.begin(m.Run.ID)
	run := m.Run
	c.keepLater(a, a.policy.SnapshotAfter)
	c.emit(heal.Event{Kind: heal.EventStarted, Agent: a.name, Incident: incidentID(a), Run: &run}, false)
}

// exited notes the end of a run and, when it was a failure, acts on it.
func (c *Core) exited(a *agent, m Exited) {
	exit := m.Exit
	if a.running {
		exit.Uptime = c.now.Sub(a.started)
	}
	clean := m.Signal == nil && !m.Ordered && !exit.Planned && !exit.Failed()
	c.learnHealthy(a, clean)
	a.printed = printed{lines: map[string]*printedLine{}}
	a.running, a.ready, a.idle = false, false, c.now
	a.forget()
	kind := heal.EventExited
	if m.Signal == nil && !m.Ordered && !exit.Planned {
		kind = heal.EventFinished
	}
	c.emit(heal.Event{Kind: kind, Agent: a.name, Incident: incidentID(a), Exit: &exit}, false)
	switch {
	case m.Signal != nil:
		s := *m.Signal
		s.Exit = &exit
		c.signal(a, s)
	case exit.Planned && !m.Ordered:
		c.planned(a, exit)
	case !m.Ordered:
		c.done(a)
	}
}

const (
	// plannedMost planned restarts inside plannedWindow are believed; more of them
	// are a failure like any other.
	plannedMost, plannedWindow = 10, time.Minute
)

// asksTooOften reports that no further wish of an agent to be run again is believed.
func (c *Core) asksTooOften(a *agent) bool {
	a.planned = slices.DeleteFunc(a.planned, func(at heal.Stamp) bool { return c.now.Sub(at) >= plannedWindow })
	return len(a.planned) >= plannedMost
}

// planned: the agent asked to be run again. That is no failure and costs no budget,
// as long as it does not do so without end.
func (c *Core) planned(a *agent, exit heal.Exit) {
	if c.ledger.Agent(a.name).Down {
		return
	}
	if c.asksTooOften(a) {
		exit.Planned = false
		c.signal(a, heal.Signal{
			Agent: a.name, Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit,
			Text: "it asked to be run again too often",
		})
		return
	}
	a.planned = append(a.planned, c.now)
	c.enlist(a, job{task: heal.TaskPlanned, beside: true})
}

// restartRequested: a running agent asked to be restarted.
func (c *Core) restartRequested(a *agent) {
	if c.ledger.Agent(a.name).Down || a.inc != nil || a.flight != "" || c.asksTooOften(a) {
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "it asked to be restarted: not now"}, false)
		return
	}
	a.planned = append(a.planned, c.now)
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "it asked to be restarted"}, false)
	c.enlist(a, job{task: heal.TaskRestart, beside: true})
}

// done: the agent says it finished its work. That settles an open incident.
func (c *Core) done(a *agent) {
	a.done = true
	i := a.inc
	if i == nil {
		return
	}
	if (i.phase == verifying || i.phase == acting) && i.attempt.Task == "" && i.attempt.Strategy != heal.Escalate {
		i.ended = c.now
		c.conclude(a, heal.Recovered, "the agent finished its work")
		return
	}
	a.gen++
	c.close(a, heal.OutcomeUnknown, "the agent finished its work")
}

// signal takes one observation into account.
func (c *Core) signal(a *agent, s heal.Signal) {
	s.At = c.now
	if s.Usual = ""; s.Builtin() && s.State == heal.Raised {
		s.Usual = c.usual(a, s.Templates)
	}
	c.emit(heal.Event{Kind: heal.EventSignal, Agent: a.name, Incident: incidentID(a), Signal: &s}, false)
	switch s.State {
	case heal.Cleared:
		delete(a.live, s.Detector)
		delete(a.blind, s.Detector)
		delete(a.foreseen, s.Detector)
		c.withdrawn(a, s.Detector)
		c.calm(a)
		return
	case heal.StateUnknown:
		a.blind[s.Detector] = s
		return
	}
	if c.neverWorked(a, s) {
		return
	}
	delete(a.blind, s.Detector)
	if s.Witness == heal.WitnessForecast {
		c.foresee(a, s)
		return
	}
	if !s.Momentary() {
		a.live[s.Detector] = s
	}
	if c.ledger.Agent(a.name).Down || s.Run != 0 && s.Run < a.runs {
		return
	}
	if s.Builtin() {
		c.remember(a, s)
	}
	switch {
	case s.Usual != "":
		return
	case a.inc == nil && s.Builtin() && s.Unresolved == "":
		a.watched = append(a.watched[max(0, len(a.watched)-mostWatched+1):], s)
		return
	case a.inc == nil:
		c.open(a, s)
		return
	}
	a.inc.add(s)
	if !c.happened(a) {
		c.react(a, s)
	}
}

// mostWatched bounds the lines that are only observed.
const mostWatched = 20

// unwatch ends the observation of lines that nothing agreed with: no failure, and nothing that was
// healed.
func (c *Core) unwatch(a *agent) {
	n := len(a.watched)
	if n == 0 || c.now.Sub(a.watched[n-1].At) < a.policy.VerifyFor {
		return
	}
	rule := ""
	if m := a.watched[n-1].Match; m != nil {
		rule = " (rule " + m.Rule + ")"
	}
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: fmt.Sprintf("%d lines looked like a failure%s: nothing came of it", n, rule)}, false)
	a.watched = nil
}

// open begins an incident.
func (c *Core) open(a *agent, s heal.Signal) {
	a.inc = &incident{id: c.newID(a), opened: c.now, phase: gathering, tried: map[heal.Strategy]int{}, drill: c.now.Mono < a.drillUntil.Mono}
	for _, w := range a.watched {
		a.inc.add(w)
	}
	a.watched = nil
	a.printed.drop()
	a.inc.add(s)
	c.emit(heal.Event{Kind: heal.EventOpened, Agent: a.name, Incident: a.inc.id}, false)
	c.settle(a, s)
}

// settle decides how long to gather: an exit has all its evidence with it and a
// safety violation must not wait; a line may be followed by the exit it tells of.
func (c *Core) settle(a *agent, s heal.Signal) {
	i := a.inc
	switch {
	case s.Witness != heal.WitnessText || i.textOnly() || s.Match != nil && s.Match.Operator && s.Match.Type == heal.SafetyViolation:
		c.decide(a)
	default:
		i.phase = gathering
		c.wake(a, c.now.Add(gatherOwn))
	}
}

// react is the table of (phase, signal): what a further signal does to an open
// incident. A phase that is not listed only keeps it as evidence.
func (c *Core) react(a *agent, s heal.Signal) {
	i := a.inc
	// What was judged on built-in rules alone is judged again when there is more.
	ended := s.Witness == heal.WitnessExit || s.Witness == heal.WitnessStart || i.builtinOnly && !i.textOnly()
	if s.Match != nil && s.Match.Operator && s.Match.Type == heal.SafetyViolation {
		c.violated(a)
		return
	}
	switch i.phase {
	case gathering:
		if ended {
			c.decide(a)
		}
	case watching:
		if !i.textOnly() || s.Unresolved != "" {
			c.settle(a, s)
		}
	case delayed, slow, blocked, asking:
		if ended {
			c.decide(a)
		}
	case acting, undoing, ordered:
		i.recurred = i.recurred || ended
	case verifying:
		switch {
		case ended || !s.Momentary() || s.Match != nil && s.Match.Operator:
			c.conclude(a, c.lateness(i), "the failure came back: "+describe(s))
		case s.Match != nil && i.diag != nil && s.Match.Type == i.diag.Type:
			i.suspectSince = c.now
		}
	}
}

// violated: a rule of the operator says that the agent does what it must not. That waits for
// nothing but an attempt that already has the agent in its hands.
func (c *Core) violated(a *agent) {
	i := a.inc
	switch {
	case i.phase == held:
	case i.phase == ordered:
		i.recurred = true
	case (i.phase == acting || i.phase == undoing) && i.attempt.Strategy != heal.Escalate:
		i.recurred = i.recurred || i.attempt.Strategy != heal.Isolate
	case i.phase == verifying:
		i.recurred = true
		c.conclude(a, c.lateness(i), "it does what it must not")
	default:
		c.decide(a)
	}
}

// lateness tells a remedy that never worked from one that did for a while.
func (c *Core) lateness(i *incident) heal.Outcome {
	if c.now.Sub(i.ended) < startedAfter {
		return heal.Failed
	}
	return heal.Relapsed
}

func describe(s heal.Signal) string {
	switch {
	case s.Text != "":
		return s.Detector + ": " + s.Text
	case s.Reading != nil:
		return s.Detector + " above its limit"
	}
	return s.Detector
}
