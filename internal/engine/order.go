package engine

import (
	"fmt"
	"slices"

	"healer-sidecar/internal/heal"
)

// job is what is to be done to an agent beside its healing: an order of a person, or what the
// policy or the agent itself asks for.
type job struct {
	// id is the attempt that it becomes; empty when nobody waits for it.
	id     string
	task   heal.Task
	params heal.Params
	// why is what an open incident is closed with when the job has succeeded.
	why string
	// order is a person's; nil for none.
	order *heal.Order
	// beside leaves an open incident as it is.
	beside bool
	// hold is what the agent was held for before, to be put back when the job fails.
	hold string
}

// maxQueue bounds how many jobs wait for one agent.
const maxQueue = 16

// tasks are what orders about an agent become.
var tasks = map[heal.Command]heal.Task{
	heal.CommandStart: heal.TaskStart, heal.CommandStop: heal.TaskStop, heal.CommandRestart: heal.TaskRestart, heal.CommandRelease: heal.TaskRelease,
	heal.CommandIsolate: heal.TaskIsolate, heal.CommandRestore: heal.TaskRestore, heal.CommandSnapshot: heal.TaskSnapshot,
}

// ordered carries out a person's command. No budget and no rule of the gate
// refuses it (law 2).
func (c *Core) ordered(m Ordered) {
	o := m.Order
	if o.Check() != nil {
		return // whoever passed it on has to refuse it
	}
	a := c.agents[o.Agent]
	if a != nil {
		o.Class = a.policy.ClassOf()
	}
	c.emit(heal.Event{Kind: heal.EventCommand, Agent: o.Agent, Command: &o}, true)
	switch subject := o.Command.Subject(); {
	case o.Command == heal.CommandPause || o.Command == heal.CommandResume:
		c.pause(o.Command == heal.CommandPause)
	case subject == heal.SubjectIncident:
		c.answered(o)
	case subject == heal.SubjectAgent && a == nil:
		c.do(Refuse{Attempt: m.ID, Why: fmt.Sprintf("cannot %s %s: it is not in the policy", o.Command, o.Agent)})
	case subject == heal.SubjectAgent:
		c.orderedAgent(a, m.ID, o)
	}
}

func (c *Core) orderedAgent(a *agent, id string, o heal.Order) {
	hold := c.ledger.Agent(a.name).Hold
	j := job{id: id, task: tasks[o.Command], params: heal.Params{Generation: o.Generation}, why: fmt.Sprintf("a person ordered %s", o.Command), order: &o}
	switch o.Command {
	case heal.CommandSend: // done already, and recorded
		return
	case heal.CommandSnapshot: // it touches nothing that runs
		c.issue(a, heal.Attempt{ID: id, Task: j.task}, nil)
		return
	case heal.CommandDrill:
		a.drillUntil = c.now.Add(o.For)
		return
	case heal.CommandHold:
		if a.inc != nil {
			c.abandon(a, "a person ordered hold")
		}
		c.emit(heal.Event{Kind: heal.EventHeld, Agent: a.name, Note: holdNote(o)}, true)
		return
	case heal.CommandIsolate: // it is held from now on: what comes back must not be healed meanwhile
		j.params.Reason, j.hold = holdNote(o), hold
		c.emit(heal.Event{Kind: heal.EventHeld, Agent: a.name, Note: holdNote(o)}, true)
	case heal.CommandRelease:
		a.done = false
		c.released(a)
		c.emit(heal.Event{Kind: heal.EventReleased, Agent: a.name, Incident: incidentID(a)}, true)
	case heal.CommandStart, heal.CommandRestart:
		a.done = false
		c.released(a)
	}
	c.enlist(a, j)
}

// abandon closes an incident that was taken out of our hands, and calls off what was under way
// for it.
func (c *Core) abandon(a *agent, why string) {
	if a.flight != "" && a.job == nil {
		c.do(Cancel{Attempt: a.flight})
	}
	a.gen++
	c.close(a, heal.OutcomeUnknown, why)
}

// enlist carries a job out as soon as nothing else has its hands on the agent. What heals it
// gives way.
func (c *Core) enlist(a *agent, j job) {
	if a.inc != nil && !j.beside {
		a.gen++ // whatever timer was set belongs to what would have been done without it
		a.inc.phase, a.inc.recurred = ordered, false
	}
	switch {
	case a.flight == "":
		c.work(a, j)
	case len(a.queue) >= maxQueue:
		c.refuseJob(j, "too many orders wait for this agent")
	default:
		if !j.beside && (a.job == nil || j.task == heal.TaskStop || j.task == heal.TaskIsolate && a.job.task != heal.TaskIsolate) {
			c.do(Cancel{Attempt: a.flight})
		}
		a.queue = append(a.queue, j)
	}
}

// refuseJob answers whoever waits for a job that will not be done.
func (c *Core) refuseJob(j job, why string) {
	if j.id != "" {
		c.do(Refuse{Attempt: j.id, Why: why})
	}
}

// work begins a job. A release becomes the attempt of the open incident: it is verified like any
// remedy.
func (c *Core) work(a *agent, j job) {
	t := heal.Attempt{ID: j.id, Task: j.task, Params: j.params}
	if i := a.inc; i != nil && j.task == heal.TaskRelease && i.phase == ordered {
		i.phase, i.begun, i.recurred, i.tried = acting, c.now, false, map[heal.Strategy]int{}
		i.released = j.order != nil
		t = c.issue(a, t, nil)
		i.attempt = &t
		return
	}
	t = c.issue(a, t, nil)
	j.id = t.ID
	a.job = &j
}

// jobDone settles a job. It takes over the incident that was open only if it succeeded: else
// that goes on, and an agent that is down because of it gets one.
func (c *Core) jobDone(a *agent, r heal.Result) {
	j := *a.job
	a.job = nil
	c.outcomeOf(a, j, r)
	failed := fmt.Sprintf("%s: %s", j.task, r.Error)
	switch i := a.inc; {
	case len(a.queue) > 0: // what waits decides
	case r.Error != "" && c.lost(a):
		c.missing(a, failed)
	case i == nil || i.phase != ordered || j.beside:
	case c.ledger.Agent(a.name).Down:
		c.close(a, heal.OutcomeUnknown, j.why)
	case r.Error != "" || i.recurred:
		c.judgeAgain(a)
	default:
		c.close(a, heal.OutcomeUnknown, j.why)
	}
}

// judgeAgain goes on with an incident where an order has left it.
func (c *Core) judgeAgain(a *agent) {
	if i := a.inc; a.running && i.textOnly() && !i.inherited {
		c.watch(a)
		return
	}
	c.decide(a)
}

// outcomeOf records what became of a job.
func (c *Core) outcomeOf(a *agent, j job, r heal.Result) {
	if j.task == heal.TaskIsolate {
		c.holdAfter(a, j, r.Error == "")
	}
	e := heal.Event{Kind: heal.EventOrderDone, Agent: a.name, Incident: incidentID(a), Command: j.order, Note: string(j.task)}
	switch {
	case r.Error != "":
		e.Kind, e.Note = heal.EventOrderFailed, fmt.Sprintf("%s: %s", j.task, r.Error)
	case j.order == nil:
		return
	case slices.ContainsFunc(a.queue, func(later job) bool { return later.task == heal.TaskStop }):
		e.Command = nil // a person has wanted it down since
	}
	c.emit(e, j.task == heal.TaskRestore)
}

// holdAfter puts the hold right when an isolation has succeeded or failed. An order that came
// later may have changed it.
func (c *Core) holdAfter(a *agent, j job, done bool) {
	now, want := c.ledger.Agent(a.name).Hold, j.hold
	if done {
		want = j.held()
	}
	switch {
	case now == want || now != "" && now != j.held() || len(a.queue) > 0:
	case want == "":
		c.emit(heal.Event{Kind: heal.EventReleased, Agent: a.name, Note: "it could not be isolated"}, true)
	default:
		c.emit(heal.Event{Kind: heal.EventHeld, Agent: a.name, Note: want}, true)
	}
}

// held is what an isolation holds the agent for.
func (j job) held() string { return holdNote(*j.order) }

// holdNote says in a few words by whom an agent is held, and why.
func holdNote(o heal.Order) string {
	if o.Reason != "" {
		return o.Reason
	}
	return "ordered by a person"
}

// release ends a hold: a frozen agent goes on, one that is down is started, and
// the incident is verified like after any remedy.
func (c *Core) release(a *agent) {
	c.emit(heal.Event{Kind: heal.EventReleased, Agent: a.name, Incident: incidentID(a)}, true)
	c.enlist(a, job{task: heal.TaskRelease, why: "what it was held for is over"})
}

func (c *Core) pause(on bool) {
	c.emit(heal.Event{Kind: heal.EventPaused, On: &on}, true)
	for _, name := range c.order {
		if a := c.agents[name]; !on && a.inc != nil && a.inc.phase == blocked {
			c.decide(a)
		}
	}
}
