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
	// away are the running agents that are being stopped or frozen to be healed, and since when.
	away map[string]heal.Stamp
	// lag is by how much the sidecar was late, until it trusts its clocks again.
	lag         time.Duration
	lagUntil    heal.Stamp
	journalDown string
	boot        string
	// flights are the attempts under way.
	flights map[string]flight
	// incidents and serial number what needs a name of its own.
	incidents, serial int
	// launched says that the agents were told to run.
	launched bool

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
		flights: map[string]flight{}, away: map[string]heal.Stamp{},
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
		c.agents[name] = &agent{
			name: name, policy: p, live: map[string]heal.Signal{}, blind: map[string]heal.Signal{}, foreseen: map[string]heal.Signal{}, flight: c.handsOn(name), printed: printed{lines: map[string]*printedLine{}},
		}
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

func (c *Core) flush() {
	if len(c.events) > 0 {
		c.effects = append(c.effects, Record{Events: c.events, Durable: c.durable})
	}
	c.events, c.durable = nil, false
}

// wake asks to be called for the agent; any earlier timer of it becomes late.
func (c *Core) wake(a *agent, at heal.Stamp) {
	a.gen++
	a.wakes = at
	c.do(WakeAt{Timer: Timer{Agent: a.name}, Gen: a.gen, At: at})
}

// newID derives an incident id that no other host, boot or incident has.
func (c *Core) newID(a *agent) string {
	c.incidents++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d/%d/%d", a.name, c.boot, c.now.Mono, c.now.Wall.UnixNano(), c.incidents))
	return "inc-" + hex.EncodeToString(sum[:4])
}

func incidentID(a *agent) string {
	if a == nil || a.inc == nil {
		return ""
	}
	return a.inc.id
}

// Agents lists the agents in the order of the policy.
func (c *Core) Agents() []string { return slices.Clone(c.order) }

// Ledger is the folded state; it may be read only between steps.
func (c *Core) Ledger() *ledger.Ledger { return c.ledger }
