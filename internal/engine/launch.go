package engine

import (
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// launch begins the work of a sidecar: what runs is taken over, what failed
// meanwhile is healed, what a person wants down stays down, everything else is
// started.
func (c *Core) launch(m Launch) {
	c.launched = true
	for _, name := range c.order {
		if a := c.agents[name]; !a.running {
			c.begin(a, m.Found[name], m.By)
			c.judgeSpend(a)
		}
	}
}

func (c *Core) begin(a *agent, f heal.Found, by Starter) {
	record := c.ledger.Agent(a.name)
	run, open := record.Run, record.Open
	a.idle = c.now
	switch f.State {
	case heal.FoundAlive:
		if f.Run != nil && (run == nil || run.ID != f.Run.ID) {
			c.unrecordedRun(a, *f.Run)
			run = f.Run
		}
		lifted := c.reset(a, by)
		if c.adopt(a, *run, f); lifted {
			c.enlist(a, job{task: heal.TaskRelease, why: "the hold was lifted"}) // it may be frozen
		}
		return
	case heal.FoundAmbiguous:
		if c.reopen(a); record.Hold != "" && a.inc != nil {
			a.inc.phase = held // people know already
			return
		}
		c.refuse(a, f.Why)
		return
	case heal.FoundRebooted:
		c.forget(a, "the machine was started again")
		run, open = nil, nil
	}
	c.reset(a, by)
	switch {
	case record.Down || record.Hold != "":
		if run != nil {
			c.endedUnseen(a)
		}
		c.forget(a, "the sidecar ended before the outcome was known")
	case by != Unattended:
		if run != nil {
			c.endedUnseen(a)
		}
		c.forget(a, "the agent was started again by a person")
		c.first(a)
	case run != nil:
		c.reopen(a)
		c.exitedWhileDown(a)
	case open != nil && open.Diag != nil:
		c.reopen(a)
		c.resume(a)
	default:
		c.forget(a, "the sidecar ended before anything was decided")
		c.first(a)
	}
}

// unrecordedRun records a run that an earlier sidecar had started and did not live to write down.
func (c *Core) unrecordedRun(a *agent, run heal.RunFact) {
	if c.ledger.Agent(a.name).Run != nil {
		c.endedUnseen(a)
	}
	c.emit(heal.Event{Kind: heal.EventStarted, Agent: a.name, Run: &run, Note: "the sidecar that started it ended before it could say so"}, true)
}

// adopt takes over a run that an earlier sidecar started. An attempt whose outcome
// nobody saw is verified, never repeated.
func (c *Core) adopt(a *agent, run heal.RunFact, f heal.Found) {
	record := c.ledger.Agent(a.name)
	a.running, a.started, a.runs = true, record.Since, run.Run
	a.printed = printed{}
	c.reopen(a)
	c.emit(heal.Event{Kind: heal.EventAdopted, Agent: a.name, Incident: incidentID(a), Run: &run, Note: f.Why}, true)
	c.keepLater(a, a.policy.SnapshotAfter)
	i := a.inc
	switch {
	case record.Down:
		if i != nil {
			c.close(a, heal.OutcomeUnknown, "a person wants it down")
		}
		c.enlist(a, job{task: heal.TaskStop, beside: true}) // a stop that our death interrupted
	case i == nil:
	case record.Hold != "":
		i.phase = held
	case i.attempt != nil:
		i.phase, i.begun, i.ended = verifying, c.now, c.now
		c.wake(a, c.now.Add(a.policy.VerifyFor))
	default:
		c.close(a, heal.OutcomeUnknown, "the sidecar ended before anything was done")
	}
}

// reopen goes on with an incident that was open when an earlier sidecar ended.
func (c *Core) reopen(a *agent) {
	record := c.ledger.Agent(a.name)
	o := record.Open
	if o == nil {
		return
	}
	a.inc = &incident{
		id: o.ID, opened: o.Opened, phase: blocked, diag: o.Diag, tried: map[heal.Strategy]int{}, number: o.Number,
		attempt: o.Attempt, score: record.Score, inherited: o.Diag != nil,
	}
	for s, n := range o.Tried {
		a.inc.tried[s] = n
	}
}

// forget closes an incident that has become meaningless.
func (c *Core) forget(a *agent, why string) {
	record := c.ledger.Agent(a.name)
	if o := record.Open; o != nil {
		c.emit(heal.Event{
			Kind: heal.EventClosed, Agent: a.name, Incident: o.ID, Outcome: heal.OutcomeUnknown, Diag: o.Diag,
			Took: max(c.now.Sub(o.Opened), 0), Note: why,
		}, true)
	}
}

// exitedWhileDown: the run ended while nobody watched. How is not known.
func (c *Core) exitedWhileDown(a *agent) {
	exit := c.endedUnseen(a)
	if a.inc != nil && a.inc.attempt != nil {
		c.unresolved(a)
	}
	c.signal(a, heal.Signal{Agent: a.name, Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit})
}

// endedUnseen records an end that nobody saw. The uptime is the most that it can be.
func (c *Core) endedUnseen(a *agent) heal.Exit {
	exit := heal.Exit{Unknown: true, Uptime: max(c.now.Sub(c.ledger.Agent(a.name).Since), 0)}
	c.emit(heal.Event{Kind: heal.EventExited, Agent: a.name, Incident: incidentID(a), Exit: &exit, Note: "it ended while no sidecar watched"}, true)
	return exit
}

// resume goes on with an agent that was down when we ended: with what was under way, or
// with the next rung.
func (c *Core) resume(a *agent) {
	begun := a.inc.attempt
	if begun != nil {
		c.unresolved(a)
	}
	if begun == nil || !c.resumeAttempt(a, *begun) {
		c.plan(a)
	}
}

// resumeAttempt ends an attempt that our own death interrupted. That is no blind repetition: the
// agent is down and was not started since, so that nothing of it can have been proven, and
// whatever ends in a start may be done twice. It passes the gate and costs like any other.
func (c *Core) resumeAttempt(a *agent, begun heal.Attempt) bool {
	i, s := a.inc, begun.Strategy
	live := s == heal.Reconfigure && begun.Params.Resource != ""
	if begun.Task != "" || s == heal.Isolate || s == heal.Escalate || live || i.tried[s] > a.policy.TriesOf(s) {
		return false
	}
	p := heal.Plan{
		Strategy: s, Params: begun.Params, Risk: plan.Risk(s.Profile().Risk, *i.diag), Success: s.Profile().Success,
		Reason: "it ends what the sidecar had begun before it died",
	}
	if !plan.Allowed(c.input(a), p) {
		return false
	}
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: i.id, Note: p.Reason}, false)
	i.plan = p
	i.tried[s]-- // it is the same attempt
	c.act(a)
	return true
}

// unresolved settles an attempt whose outcome our own death hid. It teaches
// nothing. Whether people were told is not known: they are told again.
func (c *Core) unresolved(a *agent) {
	if a.inc.attempt.Strategy == heal.Escalate {
		a.inc.tried[heal.Escalate]--
	}
	c.emit(heal.Event{
		Kind: heal.EventOutcome, Agent: a.name, Incident: a.inc.id, Outcome: heal.OutcomeUnknown, Attempt: a.inc.attempt,
		Note: "the sidecar ended before the outcome was known",
	}, true)
	a.inc.attempt = nil
}

// refuse: we cannot prove that every earlier copy is gone, so nothing is started and
// people must look (law 1).
func (c *Core) refuse(a *agent, why string) {
	if a.inc == nil {
		s := heal.Signal{At: c.now, Agent: a.name, Detector: "adoption", State: heal.Raised, Witness: heal.WitnessStart, Text: why}
		a.inc = &incident{id: c.newID(a), opened: c.now, tried: map[heal.Strategy]int{}}
		a.inc.add(s)
		c.emit(heal.Event{Kind: heal.EventOpened, Agent: a.name, Incident: a.inc.id}, false)
		c.emit(heal.Event{Kind: heal.EventSignal, Agent: a.name, Incident: a.inc.id, Signal: &s}, false)
	}
	i := a.inc
	i.diag = &heal.Diagnosis{
		Type: heal.GoalConflict, Confidence: 0.9, Severity: heal.Severity(heal.GoalConflict, a.policy.Critical, 0),
		Fingerprint: "adoption_ambiguous", Template: "adoption_ambiguous", Evidence: []string{why},
	}
	c.emit(heal.Event{Kind: heal.EventDiagnosed, Agent: a.name, Incident: i.id, Diag: i.diag}, true)
	i.plan = heal.Plan{Strategy: heal.Escalate, Success: 1, Risk: heal.Escalate.Profile().Risk, Reason: why}
	i.untouchable = true
	c.act(a)
}
