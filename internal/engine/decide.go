package engine

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/engine/gate"
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// decide diagnoses the incident from all evidence at hand and plans.
func (c *Core) decide(a *agent) {
	a.gen++ // whatever timer was set belongs to an earlier thought
	if c.diagnose(a); a.inc == nil {
		return
	}
	c.plan(a)
}

// diagnose judges the evidence. Text that in its whole context turns out to be
// harmless closes the incident again.
func (c *Core) diagnose(a *agent) {
	i, record := a.inc, c.ledger.Agent(a.name)
	ctx := diagnose.Context{Critical: a.policy.Critical, Retries: i.number}
	for _, s := range i.signals {
		ctx.Critical, ctx.Retries = ctx.Critical || s.Critical, max(ctx.Retries, s.Retries)
	}
	d := diagnose.Judge(c.evidence(a), ctx)
	if d.Type == heal.Benign {
		if i.textOnly() {
			c.close(a, heal.Recovered, "in its context the output is no failure")
			return
		}
		d.Type = heal.Unknown
		d.Severity = heal.Severity(d.Type, ctx.Critical, ctx.Retries)
	}
	d.Class = a.policy.ClassOf()
	diagnose.Generalise(&d, c.ledger.Miner.General(d.Class, d.Template), i.exit)
	d.Resumed = record.DiedAgain(d.Fingerprint, i.exit)
	d.Recurring = record.Recurring(c.now, d.Type, d.Fingerprint)
	if d.Resumed {
		d.Evidence = append(d.Evidence, "the run before it ended in the same way: what it resumes may be what kills it")
	}
	c.emit(heal.Event{Kind: heal.EventDiagnosed, Agent: a.name, Incident: i.id, Diag: &d}, true)
	i.score = record.Decayed(uptime(i.exit), a.policy.HealthyAfter)
	i.diag = &d
}

// uptime is how long the run had lasted; zero for one that has not ended.
func uptime(e *heal.Exit) time.Duration {
	if e == nil {
		return 0
	}
	return e.Uptime
}

// evidence collects what is known: the exit, the output, the readings, and what
// the operator's own rules said line by line.
func (c *Core) evidence(a *agent) heal.Evidence {
	i := a.inc
	e := heal.Evidence{Running: a.running, Output: i.output}
	if !a.running {
		e.Exit = i.exit
	}
	for _, s := range i.signals {
		if s.Reading != nil && (len(a.live) == 0 || a.live[s.Detector].Reading != nil) {
			e.Readings = replaceReading(e.Readings, *s.Reading)
		}
		if s.Vote != nil && (s.Momentary() || a.live[s.Detector].Vote != nil) {
			e.Findings = append(e.Findings, *s.Vote)
		}
		if s.Match != nil && s.Match.Operator && (a.running || i.latest().Sub(s.At) <= lastWords) {
			e.Matches = append(e.Matches, *s.Match)
		}
	}
	e.Findings = append(e.Findings, c.absent(a)...)
	return e
}

func replaceReading(list []heal.Reading, r heal.Reading) []heal.Reading {
	list = slices.DeleteFunc(list, func(old heal.Reading) bool { return old.Resource == r.Resource && old.Path == r.Path })
	return append(list, r)
}

// facts are what the gate may look at for this agent now.
func (c *Core) facts(a *agent) gate.Facts {
	record := c.ledger.Agent(a.name)
	f := gate.Facts{
		Now: c.now, Policy: a.policy, Paused: c.ledger.Paused, Hold: record.Hold, Running: a.running,
		Critical: a.inc.diag.Critical || a.policy.Critical, Dependents: a.policy.Dependents + c.dependents(a),
		TextOnly: a.inc.textOnly(), Unready: c.unready(a), Attempts: record.Spent(c.now, a.policy.Budget.Window), JournalDown: c.journalDown,
	}
	if n := len(record.Attempts); n > 0 {
		f.Last = record.Attempts[n-1]
	}
	return f
}

// plan chooses a remedy and either acts, waits for its time, or says why not.
func (c *Core) plan(a *agent) {
	i := a.inc
	p, verdict := plan.Make(plan.Input{
		Incident: i.id, Diag: *i.diag, Book: &c.ledger.Learned, Tried: i.tried, Number: i.number, Score: i.score, Answered: i.answered, Facts: c.facts(a),
		Elapsed: c.now.Sub(i.opened), Probed: i.probed,
	})
	i.plan = p
	c.emit(heal.Event{Kind: heal.EventPlanned, Agent: a.name, Incident: i.id, Plan: &p, Note: c.nextStep(p, verdict)}, true)
	switch {
	case p.Strategy == "" && slices.Contains(gate.Blocking, verdict.Rule):
		i.phase = blocked
		if !verdict.Until.IsZero() {
			c.wake(a, verdict.Until)
		}
	case p.Strategy == "":
		c.limit(a)
	case p.Delay > 0:
		i.phase = delayed
		c.wake(a, c.now.Add(p.Delay))
	default:
		c.act(a)
	}
}

func (c *Core) nextStep(p heal.Plan, v heal.Verdict) string {
	switch {
	case p.Strategy == "":
		return fmt.Sprintf("no action: %s: %s", v.Rule, v.Reason)
	case p.Delay > 0:
		return fmt.Sprintf("%s in %s", p.Strategy, p.Delay.Round(1e6))
	}
	return string(p.Strategy) + " now"
}

// act carries the plan out. The intent is on the disk before.
func (c *Core) act(a *agent) {
	i := a.inc
	s := i.plan.Strategy
	i.number++
	i.tried[s]++
	i.attempt = &heal.Attempt{
		ID: fmt.Sprintf("%s.%d", i.id, i.number), Agent: a.name, Incident: i.id, Strategy: s, Params: i.plan.Params, Score: i.score + 1,
	}
	if s == heal.Escalate || s == heal.Isolate {
		i.attempt.Diagnosis = i.diag
	}
	i.phase, i.begun, i.again = acting, c.now, false
	budgeted := s != heal.Escalate && s != heal.Isolate && !plan.Free(s, *i.diag)
	if s == heal.Escalate {
		i.attempt.Params.Hold = c.holdsAfterEscalate(a)
		i.attempt.Params.Reason = i.plan.Reason
	}
	c.emit(heal.Event{Kind: heal.EventAttempt, Agent: a.name, Incident: i.id, Attempt: i.attempt, On: &budgeted}, true)
	c.hand(*i.attempt)
}

// holdsAfterEscalate: some failures a further start cannot mend, and one that
// people must see first.
func (c *Core) holdsAfterEscalate(a *agent) bool {
	t := a.inc.diag.Type
	return a.inc.untouchable || a.policy.OnLimit == heal.OnLimitHold || !a.running && (t == heal.ConfigurationError || t == heal.SafetyViolation)
}

// due handles the timer of the agent.
func (c *Core) due(a *agent) {
	i := a.inc
	if i == nil {
		return
	}
	switch i.phase {
	case gathering:
		c.decide(a)
	case watching:
		c.close(a, heal.Recovered, "no further sign of it in the output; nothing was done")
	case delayed:
		c.dueDelayed(a)
	case verifying:
		c.verify(a)
	case blocked:
		c.plan(a)
	case slow:
		i.tried = map[heal.Strategy]int{heal.Escalate: i.tried[heal.Escalate]}
		c.plan(a)
	}
}

// dueDelayed asks the gate again before acting: much may have happened while the
// plan waited.
func (c *Core) dueDelayed(a *agent) {
	f := c.facts(a)
	f.Strategy, f.Risk = a.inc.plan.Strategy, a.inc.plan.Risk
	f.Free, f.Type, f.Confidence = plan.Free(f.Strategy, *a.inc.diag), a.inc.diag.Type, a.inc.diag.Confidence
	if gate.Deciding(gate.Evaluate(f)).Decision != heal.Allow {
		c.plan(a)
		return
	}
	c.act(a)
}
