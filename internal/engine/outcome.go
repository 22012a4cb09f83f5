package engine

import (
	"fmt"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

func (c *Core) reported(a *agent, r heal.Result) {
	i := a.inc
	switch {
	case i.attempt.Strategy == heal.Escalate:
		c.afterEscalate(a)
	case r.Error != "":
		if i.attempt.Task != "" && !a.running { // whatever was judged before, that is a failure
			i.add(notStarted(a, r.Error, c.now))
		}
		c.conclude(a, heal.Failed, r.Error)
	case i.attempt.Strategy == heal.Isolate && i.attempt.Params.Limit != "":
		c.heldForSpend(a, i.attempt.Params.Limit, i.attempt.Params.Reason)
	case i.attempt.Strategy == heal.Isolate:
		c.learn(a, heal.Recovered)
		c.tell(a, fmt.Sprintf("%s was isolated: %s", a.name, i.diag.Type))
		c.hold(a, fmt.Sprintf("isolated: %s (%s)", i.diag.Type, i.id))
	case i.recurred:
		c.conclude(a, heal.Failed, "the failure came back at once")
	default:
		i.phase, i.suspectSince = verifying, heal.Stamp{}
		c.wake(a, c.now.Add(c.proof(a)))
	}
}

// verify decides at the end of the window. Conditions that cannot be read leave
// the outcome unknown, which is no success.
func (c *Core) verify(a *agent) {
	i, worse := a.inc, c.worse(a)
	switch {
	case len(a.live) > 0:
		c.conclude(a, heal.Failed, "the condition persists")
	case !a.running:
		c.conclude(a, heal.Failed, "the agent is not running")
	case !i.suspectSince.IsZero() && c.now.Sub(i.suspectSince) < a.policy.VerifyFor/2:
		c.conclude(a, heal.OutcomeUnknown, "the output still tells of the same failure")
	case a.unproven() && c.now.Sub(i.ended) < proofWithin:
		c.wake(a, c.now.Add(a.policy.VerifyFor)) // a probe that was not answered yet, say
	case a.unproven():
		c.conclude(a, heal.OutcomeUnknown, "a reading that would prove it could not be taken")
	case worse != "" && i.attempt.Strategy.Profile().Undo:
		c.conclude(a, heal.Failed, worse)
	case worse != "":
		c.conclude(a, heal.OutcomeUnknown, worse)
	default:
		c.conclude(a, heal.Recovered, "the signals stayed clear for the whole window")
	}
}

// worse names an agent that depends on this one and has failed since the remedy began;
// empty for none.
func (c *Core) worse(a *agent) string {
	for _, name := range c.needed[a.name] {
		if other := c.agents[name].inc; other != nil && !other.preventive && other.root != a.name && other.opened.Mono > a.inc.ended.Mono {
			return fmt.Sprintf("%s, which depends on it, fails since", name)
		}
	}
	return ""
}

// proofWithin is how long a proof of success may take beyond the window.
const proofWithin = 2 * time.Minute

// conclude books the outcome of the current attempt and goes on accordingly.
func (c *Core) conclude(a *agent, o heal.Outcome, why string) {
	i := a.inc
	a.gen++
	c.emit(heal.Event{Kind: heal.EventOutcome, Agent: a.name, Incident: i.id, Outcome: o, Attempt: i.attempt, Note: why}, true)
	if i.attempt != nil && i.attempt.Task == "" && !i.preventive {
		c.learn(a, o)
	}
	switch {
	case o == heal.Recovered || o == heal.OutcomeUnknown:
		c.close(a, o, why)
	case i.attempt != nil && i.attempt.Strategy.Profile().Undo && (a.running || i.attempt.Params.Resource == ""):
		c.takeBack(a)
	default:
		c.next(a)
	}
}

// learn books the outcome of the attempt to the failure that it was chosen for.
func (c *Core) learn(a *agent, o heal.Outcome) {
	i := a.inc
	l := heal.Lesson{
		Agent: a.name, Class: a.policy.ClassOf(), Type: i.diag.Treated(), Fingerprint: i.diag.Fingerprint, Template: i.diag.Template, Rule: i.diag.Rule,
		Strategy: i.attempt.Strategy, Outcome: o, Took: c.recoveryTime(i),
		Named: i.diag.Wait, Before: max(i.tried[i.attempt.Strategy]-1, 0), Probed: i.probed, Ended: i.ended.Sub(i.opened),
	}
	if o == heal.Recovered && c.returned(a) {
		l.Outcome = heal.OutcomeUnknown // what it needed came back: nobody knows what helped
	}
	if o == heal.Relapsed {
		l.Lasted = c.now.Sub(i.ended)
	}
	c.emit(heal.Event{Kind: heal.EventLesson, Agent: a.name, Incident: i.id, Lesson: &l}, true)
	if i.attempt.Strategy.OnlyRuns() {
		i.probed = l.Ended
	}
	if o == heal.Relapsed {
		i.probed = c.now.Sub(i.opened)
	}
}

// lastedFactor halves of the time after which a failure came back must pass without it before
// anybody says that it is over.
const lastedFactor = 3

// relapseFactor times the usual time to a relapse misses 5 % of them; longestProof bounds
// the window that follows from it (ENGINE.md 2.8).
const relapseFactor, longestProof = 3, 30 * time.Minute

// proof is how long the signals must stay clear: as the policy says, and never shorter than
// this failure usually takes to come back.
func (c *Core) proof(a *agent) time.Duration {
	window := max(a.policy.VerifyFor, min(a.inc.lasted*lastedFactor/2, longestProof))
	if a.inc.diag == nil { // released by a person before anything was judged
		return window
	}
	if p := c.ledger.Learned.Find(a.policy.ClassOf(), a.inc.diag.Fingerprint); p != nil {
		window = max(window, min(relapseFactor*p.Lasted, longestProof))
	}
	return window
}

// recoveryTime counts from the start of the attempt to its end; the window that
// only proves it is not part of the recovery.
func (c *Core) recoveryTime(i *incident) time.Duration { return max(i.ended.Sub(i.begun), 0) }

// takeBack undoes what did not help before the next rung.
func (c *Core) takeBack(a *agent) {
	i := a.inc
	i.number++
	undo := *i.attempt
	undo.ID, undo.Undo = "", true
	undo.Params.Steps, undo.Params.Name = c.ledger.Agent(a.name).Before(undo.Strategy)
	undo = c.issue(a, undo, nil)
	i.attempt, i.phase = &undo, undoing
}

// next judges the failure again, with what is known now, and plans the next rung.
func (c *Core) next(a *agent) {
	i := a.inc
	if i.diag == nil {
		c.judgeAgain(a)
		return
	}
	if i.recurred || !a.running {
		c.decide(a)
		return
	}
	c.plan(a)
}

// afterEscalate: people know. Hold, go on slowly, or stop, as the policy says.
func (c *Core) afterEscalate(a *agent) {
	i := a.inc
	switch {
	case i.returned:
		i.returned = false
		c.release(a)
	case i.recurred:
		c.decide(a)
	case i.untouchable || i.attempt.Params.Hold && a.policy.OnLimit != heal.OnLimitStop:
		c.hold(a, fmt.Sprintf("%s (%s): a person must look", i.diag.Type, i.id))
	default:
		c.limit(a)
	}
}

// limit is what follows when no remedy is left.
func (c *Core) limit(a *agent) {
	i := a.inc
	switch {
	case c.vanished(a):
		c.watch(a)
	case a.running && i.textOnly():
		i.phase = watching
		c.wake(a, c.now.Add(max(a.policy.VerifyFor, time.Minute)))
	case a.policy.OnLimit == heal.OnLimitStop && !a.running:
		i.phase = gaveUp
		c.emit(heal.Event{Kind: heal.EventGaveUp, Agent: a.name, Incident: i.id, Note: i.plan.Reason}, true)
	case a.policy.OnLimit == heal.OnLimitHold:
		c.hold(a, fmt.Sprintf("no remedy is left for %s (%s)", i.diag.Type, i.id))
	case i.plan.Strategy == "" && !a.policy.Shadow && c.holdsAfterEscalate(a): // it was something else when people were told
		why := fmt.Sprintf("no further start can mend %s (%s)", i.diag.Type, i.id)
		c.tell(a, fmt.Sprintf("%s is left alone: %s", a.name, why))
		c.hold(a, why)
	default:
		c.slowDown(a)
	}
}

// slowDown keeps trying at growing intervals: never silently dead (law 8).
func (c *Core) slowDown(a *agent) {
	i := a.inc
	if at := c.refill(a); !at.IsZero() {
		c.slowUntil(a, at.Sub(c.now))
		return
	}
	interval := a.policy.Backoff.Max
	for range min(i.slowness, slowCap) {
		interval = min(interval*slowGrowth, slowCap*a.policy.Backoff.Max)
	}
	i.slowness++
	c.slowUntil(a, interval)
}

// slowUntil waits for the next try of slow mode.
func (c *Core) slowUntil(a *agent, wait time.Duration) {
	a.inc.phase = slow
	c.emit(heal.Event{Kind: heal.EventSlow, Agent: a.name, Incident: a.inc.id, Took: wait, Note: "next try in " + wait.Round(time.Millisecond).String()}, true)
	c.wake(a, c.now.Add(wait))
}

// spent are the attempts that count against the agent's budget now. Drills have one of their own of
// the same size: a real failure right after them finds the other one full.
func (c *Core) spent(a *agent) []heal.Stamp {
	record := c.ledger.Agent(a.name)
	if a.inc != nil && a.inc.drill {
		return ledger.Within(record.Drills, c.now, a.policy.Budget.Window)
	}
	return record.Spent(c.now, a.policy.Budget.Window)
}

// refill is when the agent's budget allows an attempt again; zero when it does, or never will.
func (c *Core) refill(a *agent) heal.Stamp {
	b := a.policy.Budget
	spent := c.spent(a)
	if b.Attempts <= 0 || len(spent) < b.Attempts {
		return heal.Stamp{}
	}
	return spent[len(spent)-b.Attempts].Add(b.Window)
}

// hold leaves the agent alone until a person releases it.
func (c *Core) hold(a *agent, why string) {
	a.inc.phase = held
	a.gen++
	c.emit(heal.Event{Kind: heal.EventHeld, Agent: a.name, Incident: a.inc.id, Note: why}, true)
}

// close ends an incident.
func (c *Core) close(a *agent, o heal.Outcome, why string) {
	i := a.inc
	a.gen++
	if i.released && o == heal.Recovered {
		o = heal.ReleasedByOperator
	}
	if i.told > 0 || i.tried[heal.Escalate] > 0 {
		c.tellWith(a, heal.Params{Reason: fmt.Sprintf("%s after %s: %s", o, c.now.Sub(i.opened).Round(time.Second), why), Resolved: true, Quiet: i.common.quiet})
	}
	c.emit(heal.Event{
		Kind: heal.EventClosed, Agent: a.name, Incident: i.id, Outcome: o, Diag: i.diag, Note: why, Took: c.now.Sub(i.opened),
	}, true)
	a.inc, a.well = nil, c.now
	delete(c.recent.since, a.name)
	delete(c.away, a.name)
	c.easing(a)
	c.freed(a.name)
}
