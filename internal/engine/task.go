package engine

import (
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
)

// flight is an attempt that was handed out and has not been reported.
type flight struct {
	agent string
	// hands says that it has its hands on the agent: then nothing else may.
	hands bool
}

// takesHands reports whether an attempt acts on the agent itself, as against notices, questions
// and copies of its files. There is at most one of those at a time for an agent.
func takesHands(t heal.Attempt) bool {
	switch t.Task {
	case heal.TaskNotify, heal.TaskAskSafePoint, heal.TaskSnapshot:
		return false
	}
	return t.Strategy != heal.Escalate
}

// leavesRecord reports whether the intent is worth a record: a question changes nothing, and what an
// automatic snapshot has kept is recorded when it did.
func leavesRecord(t heal.Attempt) bool {
	return t.Task != heal.TaskAskSafePoint && (t.Task != heal.TaskSnapshot || t.Params.WellSince.IsZero())
}

// issue completes an attempt, records its intent and hands it to the executor. It is the only
// place that does. An ID that is set is the one that somebody waits for; budgeted says whether it
// counts against the budgets, nil for what no budget is about.
func (c *Core) issue(a *agent, t heal.Attempt, budgeted *bool) heal.Attempt {
	t.Agent, t.Incident = a.name, incidentID(a)
	if t.ID == "" {
		t.ID = c.taskID(a, t)
	}
	f := flight{agent: a.name, hands: takesHands(t)}
	c.flights[t.ID] = f
	if f.hands {
		a.flight = t.ID
	}
	if !leavesRecord(t) {
		c.do(Act{Attempt: t})
		return t
	}
	c.emit(heal.Event{Kind: heal.EventAttempt, Agent: a.name, Incident: t.Incident, Attempt: &t, On: budgeted}, true)
	c.hand(t)
	return t
}

// taskID names an attempt: those of an incident by their number, the others by what they do.
func (c *Core) taskID(a *agent, t heal.Attempt) string {
	if a.inc != nil && t.Strategy != "" {
		return fmt.Sprintf("%s.%d", a.inc.id, a.inc.number)
	}
	what := string(t.Task)
	if t.Ease {
		what = "ease"
	}
	c.serial++
	return fmt.Sprintf("%s.%s.%d", a.name, what, c.serial)
}

// hand gives an attempt to the executor. Its intent is on the disk before, unless
// the act is only to run a program: a power cut ends that together with the
// machine, and our own death loses nothing that was written. Then the disk is
// waited for while the program starts.
func (c *Core) hand(t heal.Attempt) {
	late := c.durable && startsOnly(t)
	c.durable = c.durable && !late
	c.syncLate = c.syncLate || late
	c.do(Act{Attempt: t})
}

func startsOnly(t heal.Attempt) bool {
	return t.Strategy.OnlyRuns() || t.Task == heal.TaskLaunch || t.Task == heal.TaskPlanned
}

// finished takes the executor's report. It says what was done; whether it helped
// is for verification to find out.
func (c *Core) finished(r heal.Result) {
	f, known := c.flights[r.Attempt]
	if !known {
		return // it was never handed out
	}
	delete(c.flights, r.Attempt)
	a := c.agents[f.agent]
	if a != nil && a.keeping == r.Attempt {
		c.kept(a, r)
		return
	}
	c.emit(heal.Event{Kind: heal.EventResult, Agent: f.agent, Incident: incidentID(a), Result: &r}, false)
	if a == nil {
		return
	}
	if a.flight == r.Attempt {
		a.flight, a.idle = "", c.now
		delete(c.away, a.name)
	}
	c.settled(a, r)
	if f.hands {
		c.freeHands(a)
		c.fillPlaces()
	}
}

// settled hands a report to whatever waits for it.
func (c *Core) settled(a *agent, r heal.Result) {
	i := a.inc
	switch {
	case a.job != nil && a.job.id == r.Attempt:
		c.jobDone(a, r)
	case i != nil && i.attempt != nil && i.attempt.ID == r.Attempt:
		i.ended = c.now
		switch i.phase {
		case undoing:
			c.next(a)
		case acting:
			c.reported(a, r)
		}
	case r.Error != "":
		c.missing(a, r.Error)
	}
}

// handsOn is what still has its hands on an agent that was taken out of the policy before;
// empty for nothing.
func (c *Core) handsOn(name string) string {
	for id, f := range c.flights {
		if f.hands && f.agent == name {
			return id
		}
	}
	return ""
}

// freeHands goes on with what had to wait until nothing else has its hands on the agent: first
// what people want, then what heals it.
func (c *Core) freeHands(a *agent) {
	switch {
	case a.flight != "":
	case len(a.queue) > 0:
		j := a.queue[0]
		a.queue = a.queue[1:]
		c.work(a, j)
	case a.inc != nil && a.inc.phase == blocked:
		c.plan(a)
	}
}

// idleFor is how long an agent that should run may be down with nothing under way: the news of
// its start or its end may come after the report of what brought it about.
const idleFor = 5 * time.Second

// missing sees to an incident for an agent that should run and does not, where no detector has told
// of it: wanted up but down is always an incident with a next step (law 8).
func (c *Core) missing(a *agent, why string) {
	if !c.lost(a) {
		return
	}
	stoodAside := a.inc != nil && a.inc.phase == ordered
	if stoodAside && !a.inc.textOnly() { // why it is down is known
		c.decide(a)
		return
	}
	c.signal(a, notStarted(a, why, c.now))
	if stoodAside {
		c.decide(a)
	}
}

// notStarted is the observation that an agent is down because of what was done to it.
func notStarted(a *agent, why string, now heal.Stamp) heal.Signal {
	return heal.Signal{At: now, Agent: a.name, Detector: "start", State: heal.Raised, Witness: heal.WitnessStart, Text: why}
}

// lost reports that an agent should run, does not, and nothing is done about it.
func (c *Core) lost(a *agent) bool {
	record := c.ledger.Agent(a.name)
	switch {
	case a.running || a.done || a.waiting || record.Down || record.Hold != "":
		return false
	case a.inc != nil && a.inc.phase != watching && a.inc.phase != ordered:
		return false // that has a next step
	}
	return c.launched && a.flight == "" && len(a.queue) == 0
}
