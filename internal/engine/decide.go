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
	if i.inherited && i.textOnly() {
		return // what an earlier sidecar judged on is not at hand any more, and nothing of weight was seen since
	}
	ctx := diagnose.Context{Critical: a.policy.Critical, Retries: i.number}
	for _, s := range i.signals {
		ctx.Critical, ctx.Retries = ctx.Critical || s.Critical, max(ctx.Retries, s.Retries)
	}
	d := diagnose.Judge(c.evidence(a), ctx)
	if d.Type == heal.Benign {
		if i.textOnly() {
			c.close(a, heal.OutcomeUnknown, "in its context the output is no failure; nothing was done")
			return
		}
		d.Type = heal.Unknown
		d.Severity = heal.Severity(d.Type, ctx.Critical, ctx.Retries)
	}
	d.Class, d.Foretold = a.policy.ClassOf(), i.preventive
	diagnose.Generalise(&d, c.ledger.Miner.General(d.Class, d.Template), i.exit)
	same := record.SameAsLast(c.now, d.Fingerprint)
	if i.lasted = 0; same {
		i.lasted = uptime(i.exit)
	}
	if d.Unproven && same {
		d.Unproven = false // twice in the same way is a fact
		d.Severity = heal.Severity(d.Treated(), ctx.Critical, ctx.Retries)
		d.Critical = d.Severity >= heal.CriticalSeverity
	}
	d.Resumed = record.DiedAgain(d.Fingerprint, i.exit)
	d.Recurring = record.Recurring(c.now, d.Type, d.Fingerprint)
	if l := record.Futile(c.now, d.Class, d.Fingerprint); l != nil && !d.Foretold {
		d.Evidence = append(d.Evidence, fmt.Sprintf("it came back %s after %s had been called a recovery", l.Lasted.Round(time.Millisecond), l.Strategy))
		c.emit(heal.Event{Kind: heal.EventLesson, Agent: a.name, Incident: i.id, Lesson: l}, true)
	}
	if d.Resumed {
		d.Evidence = append(d.Evidence, "the run before it ended in the same way: what it resumes may be what kills it")
	}
	c.emit(heal.Event{Kind: heal.EventDiagnosed, Agent: a.name, Incident: i.id, Diag: &d}, true)
	i.builtinOnly = i.textOnly()
	i.score = record.Decayed(uptime(i.exit), a.policy.HealthyAfter)
	i.diag = &d
	if !i.counted && !i.preventive && !i.textOnly() { // a line of output is no failure yet
		i.counted = true
		c.failed(a)
	}
	c.report(a)
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
	e := heal.Evidence{Running: a.running, Output: c.marked(a, i.output)}
	if !a.running {
		e.Exit = i.exit
	}
	for _, s := range i.signals {
		if s.Reading != nil && (len(a.live) == 0 || a.live[s.Detector].Reading != nil) {
			e.Readings = replaceReading(e.Readings, *s.Reading)
		}
		if s.Vote != nil && (s.Momentary() || a.live[s.Detector].Vote != nil || i.preventive) {
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

// basis is what is known about the agent and the host when a plan is made.
func (c *Core) basis(a *agent) heal.Basis {
	i, record := a.inc, c.ledger.Agent(a.name)
	root, until := c.origin(a)
	away, ahead, turn := c.place(a)
	b := heal.Basis{
		Paused: c.ledger.Paused, Hold: record.Hold, Running: a.running, TextOnly: i.textOnly(), Unready: c.unready(a), JournalDown: c.journalDown, InFlight: a.flight,
		Critical: i.diag.Critical || a.policy.Critical, Dependents: a.policy.Dependents + c.dependents(a),
		Attempts: c.spent(a), Number: i.number,
		Root: root.Node, RootSure: root.Sure, RootUntil: until, Storm: c.storm, StormTurn: c.stormTurn(a), HostTurn: c.hostTurn(),
		Lag: c.lag, LagUntil: c.lagUntil, ByClock: i.byClock(), Answers: i.answers, Unanswered: i.unanswered,
		Away: away, Ahead: ahead, Parallel: c.host.Places(len(c.order)), RepairTurn: turn, Preventive: i.preventive, SafePoint: a.safe, SafeUntil: i.safeUntil, Prevented: record.Prevented,
		Score: i.score, Answered: i.dependencyBack, Elapsed: c.now.Sub(i.opened), Probed: i.probed,
	}
	if i.drill {
		b.HostTurn = heal.Stamp{}
	}
	if f := i.common; c.host.Fleet {
		b.Fleet, b.FleetTurn, b.FleetWhy, b.FleetPassed = f.id, f.turn, f.why, f.passed
	}
	b.Levels, b.Way = record.InForce()
	b.Afresh = afresh(a.policy, *i.diag, record)
	b.Generations = record.Generations
	if n := len(record.Attempts); n > 0 {
		b.Last = record.Attempts[n-1]
	}
	return b
}

// input is what a plan for the agent is made from.
func (c *Core) input(a *agent) plan.Input {
	i := a.inc
	return plan.Input{
		Incident: i.id, Now: c.now, Policy: a.policy, Diag: *i.diag, Book: &c.ledger.Learned, Tried: i.tried, Basis: c.basis(a),
	}
}

// plan chooses a remedy and either acts, waits for its time, or says why not.
func (c *Core) plan(a *agent) {
	i := a.inc
	if i.diag == nil { // an order or a death of ours came before anybody judged it
		c.decide(a)
		return
	}
	if w, over := c.overspent(a); over && a.inc.tried[heal.Isolate] < mostIsolations {
		c.planSpend(a, w)
		return
	}
	if c.vanished(a) { // while an attempt was under way, say
		c.watch(a)
		return
	}
	p, verdict := plan.Make(c.input(a))
	i.plan, i.root, i.placeless = p, "", verdict.Rule == "repairs" && verdict.Decision == heal.Wait
	if verdict.Rule == "cascade" {
		i.root = p.Basis.Root
	}
	if verdict.Decision != "" && verdict.Decision != heal.Allow {
		p.Verdict = &verdict
	}
	c.emit(heal.Event{Kind: heal.EventPlanned, Agent: a.name, Incident: i.id, Plan: &p, Note: nextStep(p, verdict)}, true)
	switch {
	case p.Strategy == "" && slices.Contains(gate.Blocking, verdict.Rule):
		i.phase = blocked
		if !verdict.Until.IsZero() {
			c.wake(a, verdict.Until)
		}
	case p.Strategy == "" && i.preventive:
		c.close(a, heal.OutcomeUnknown, "nothing may be done before it fails")
	case p.Strategy == "":
		c.limit(a)
	case verdict.Rule == gate.Asking:
		c.ask(a, verdict.Until)
	case p.Delay > 0:
		i.phase = delayed
		c.wake(a, c.now.Add(p.Delay))
	default:
		c.proceed(a)
	}
}

func nextStep(p heal.Plan, v heal.Verdict) string {
	switch {
	case p.Would != "":
		return fmt.Sprintf("no action: %s: %s would be tried", v.Rule, p.Would)
	case p.Strategy == "":
		return "no action: " + v.String()
	case p.Delay > 0:
		return fmt.Sprintf("%s in %s", p.Strategy, p.Delay.Round(1e6))
	}
	return string(p.Strategy) + " now"
}

// due handles the timer of the agent.
func (c *Core) due(a *agent) {
	i := a.inc
	if i == nil {
		c.ease(a)
		return
	}
	switch i.phase {
	case gathering:
		c.decide(a)
	case watching:
		if i.textOnly() { // nothing was done, and nothing says that it works
			c.close(a, heal.OutcomeUnknown, i.quiet())
			return
		}
		c.close(a, heal.Recovered, i.quiet())
	case delayed:
		c.dueDelayed(a)
	case verifying:
		c.verify(a)
	case blocked:
		c.plan(a)
	case asking:
		i.unanswered = true
		c.plan(a)
	case slow:
		if c.over(a) {
			c.close(a, heal.OutcomeUnknown, "it runs, and nothing of it was seen for "+c.now.Sub(i.latest()).Round(time.Second).String())
			return
		}
		i.tried = map[heal.Strategy]int{heal.Escalate: i.tried[heal.Escalate]}
		c.plan(a)
	}
}

// dueDelayed asks the gate again before acting: much may have happened while the
// plan waited.
func (c *Core) dueDelayed(a *agent) {
	if plan.Allowed(c.input(a), a.inc.plan) {
		c.proceed(a)
		return
	}
	c.plan(a)
}
