package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/engine/cascade"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// Core is the state behind Step. It belongs to one goroutine.
type Core struct {
	ledger *ledger.Ledger
	agents map[string]*agent
	order  []string
	// needed says who depends on whom.
	needed map[string][]string
	// outside are the breakers before declared dependencies, trial says which agent tries
	// one that has come back.
	outside map[string]*cascade.Breaker
	trial   map[string]string
	// host is what holds for all agents together: tokens attempts are saved up at most,
	// one more every tokenEvery.
	host       heal.Host
	tokens     int
	tokenEvery time.Duration
	recent     recent
	// storm says why attempts are spread out; empty for no storm.
	storm      string
	stormUntil heal.Stamp
	// away are the running agents that are being stopped or frozen to be healed.
	away map[string]bool
	// lag is by how much the sidecar was late, until it trusts its clocks again.
	lag         time.Duration
	lagUntil    heal.Stamp
	journalDown string
	boot        string
	// flights are the attempts under way, by their agent.
	flights map[string]string
	// incidents and replaced number what needs a name of its own.
	incidents, replaced, eased, kept, asked int

	// now, events, durable, syncLate and effects live only during one Step.
	now     heal.Stamp
	events  []heal.Event
	durable bool
	// syncLate asks to wait for the disk when everything else was done.
	syncLate bool
	effects  []Effect
}

// New returns a core over a folded ledger. boot names the present boot, so that
// incident ids are unique over restarts and hosts.
func New(l *ledger.Ledger, boot string, host heal.Host, agents []heal.Policy) *Core {
	c := &Core{
		ledger: l, boot: boot, host: host, agents: map[string]*agent{}, outside: map[string]*cascade.Breaker{}, trial: map[string]string{},
		flights: map[string]string{}, away: map[string]bool{},
	}
	c.setAgents(agents)
	return c
}

func (c *Core) setAgents(policies []heal.Policy) {
	for _, p := range policies {
		name := p.Agent
		if a, ok := c.agents[name]; ok {
			a.policy = p
			continue
		}
		c.agents[name] = &agent{name: name, policy: p, live: map[string]heal.Signal{}, blind: map[string]heal.Signal{}, foreseen: map[string]heal.Signal{}}
		c.order = append(c.order, name)
	}
	c.setNeeded()
	c.tokens, c.tokenEvery = c.host.Bucket(policies)
}

// Step takes one message and returns what must be done, in order.
func (c *Core) Step(now heal.Stamp, m Message) []Effect {
	c.now, c.events, c.durable, c.syncLate, c.effects = now, nil, false, false, nil
	c.dispatch(m)
	c.flush()
	if c.syncLate {
		c.effects = append(c.effects, Sync{})
	}
	return c.effects
}

// emit records an event and folds it into the ledger at once, so that the rest
// of the step decides on what the journal will say.
func (c *Core) emit(e heal.Event, durable bool) {
	e.At = c.now
	c.events = append(c.events, e)
	c.durable = c.durable || durable
	c.ledger.Apply(e)
}

// do appends an effect behind the records that precede it.
func (c *Core) do(e Effect) {
	c.flush()
	c.effects = append(c.effects, e)
}

// hand gives an attempt to the executor. Its intent is on the disk before, unless
// the act is only to run a program: a power cut ends that together with the
// machine, and our own death loses nothing that was written. Then the disk is
// waited for while the program starts.
func (c *Core) hand(a heal.Attempt) {
	late := c.durable && startsOnly(a)
	c.durable = c.durable && !late
	c.syncLate = c.syncLate || late
	c.flights[a.ID] = a.Agent
	c.do(Act{Attempt: a})
}

func startsOnly(a heal.Attempt) bool {
	return a.Strategy.OnlyRuns() || a.Command == heal.CommandLaunch || a.Command == heal.CommandPlanned
}

func (c *Core) flush() {
	if len(c.events) > 0 {
		c.effects = append(c.effects, Record{Events: c.events, Durable: c.durable})
	}
	c.events, c.durable = nil, false
}

// wake asks to be called for the agent; any earlier timer of it becomes late.
func (c *Core) wake(a *agent, at heal.Stamp) {
	a.gen++
	c.do(WakeAt{Timer: Timer{Agent: a.name}, Gen: a.gen, At: at})
}

// newID derives an incident id that no other host, boot or incident has.
func (c *Core) newID(a *agent) string {
	c.incidents++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d/%d/%d", a.name, c.boot, c.now.Mono, c.now.Wall.UnixNano(), c.incidents))
	return "inc-" + hex.EncodeToString(sum[:4])
}

// command hands an order to the executor as an attempt of its own.
func (c *Core) command(a *agent, cmd heal.Command, id string) {
	c.commandWith(a, cmd, id, heal.Params{})
}

func (c *Core) commandWith(a *agent, cmd heal.Command, id string, p heal.Params) {
	a.command = id
	attempt := heal.Attempt{ID: id, Agent: a.name, Command: cmd, Params: p}
	if a.inc != nil {
		attempt.Incident = a.inc.id
	}
	c.emit(heal.Event{Kind: heal.EventAttempt, Agent: a.name, Incident: attempt.Incident, Attempt: &attempt}, true)
	c.hand(attempt)
}

// ordered carries out a person's command. No budget and no rule of the gate
// refuses it (law 2).
func (c *Core) ordered(m Ordered) {
	o := m.Order
	if a := c.agents[o.Agent]; a != nil {
		o.Class = a.policy.ClassOf()
	}
	c.emit(heal.Event{Kind: heal.EventCommand, Agent: o.Agent, Command: &o}, true)
	if o.Command == heal.CommandPause || o.Command == heal.CommandResume {
		c.pause(o.Command == heal.CommandPause)
		return
	}
	if o.Incident != "" {
		c.answered(o)
		return
	}
	a := c.agents[o.Agent]
	if a == nil || o.Command == heal.CommandPin || o.Command == heal.CommandForget {
		return
	}
	if o.Command == heal.CommandSnapshot {
		c.command(a, o.Command, m.ID)
		return
	}
	a.done = false
	if o.Command == heal.CommandRelease {
		c.release(a, m.ID)
		return
	}
	if a.inc != nil {
		c.abandon(a, fmt.Sprintf("a person ordered %s", o.Command))
	}
	if o.Command == heal.CommandHold || o.Command == heal.CommandIsolate {
		c.heldBy(a, m)
		return
	}
	if c.ledger.Agent(a.name).Hold != "" && o.Command != heal.CommandStop {
		c.emit(heal.Event{Kind: heal.EventReleased, Agent: a.name, Note: string(o.Command)}, true)
	}
	c.commandWith(a, o.Command, m.ID, heal.Params{Generation: o.Generation})
}

// heldBy leaves an agent alone because a person wants that, as it is or isolated.
func (c *Core) heldBy(a *agent, m Ordered) {
	why := "a person wants it"
	if m.Order.Reason != "" {
		why = m.Order.Reason
	}
	c.emit(heal.Event{Kind: heal.EventHeld, Agent: a.name, Note: fmt.Sprintf("%s: %s", m.Order.Command, why)}, true)
	if m.Order.Command == heal.CommandIsolate {
		c.commandWith(a, heal.CommandIsolate, m.ID, heal.Params{Reason: why})
	}
}

// abandon closes an incident that a person took out of our hands, and calls off
// what was under way.
func (c *Core) abandon(a *agent, why string) {
	if p := a.inc.phase; (p == acting || p == undoing) && a.inc.attempt != nil {
		c.do(Cancel{Attempt: a.inc.attempt.ID})
	}
	a.gen++
	c.close(a, heal.OutcomeUnknown, why)
}

// release ends a hold: a frozen agent goes on, one that is down is started, and
// the incident is verified like after any remedy.
func (c *Core) release(a *agent, id string) {
	c.emit(heal.Event{Kind: heal.EventReleased, Agent: a.name, Incident: incidentID(a)}, true)
	if i := a.inc; i != nil && (i.phase == held || i.phase == gaveUp || i.phase == slow || i.phase == blocked) {
		i.phase, i.begun = acting, c.now
		i.attempt = &heal.Attempt{ID: id, Agent: a.name, Incident: i.id, Command: heal.CommandRelease}
		i.again, i.tried = false, map[heal.Strategy]int{}
	}
	c.command(a, heal.CommandRelease, id)
}

func (c *Core) pause(on bool) {
	c.emit(heal.Event{Kind: heal.EventPaused, On: &on}, true)
	for _, name := range c.order {
		if a := c.agents[name]; !on && a.inc != nil && a.inc.phase == blocked {
			c.decide(a)
		}
	}
}

func incidentID(a *agent) string {
	if a.inc == nil {
		return ""
	}
	return a.inc.id
}

// Agents lists the agents in the order of the policy.
func (c *Core) Agents() []string { return slices.Clone(c.order) }

// Ledger is the folded state; it may be read only between steps.
func (c *Core) Ledger() *ledger.Ledger { return c.ledger }
