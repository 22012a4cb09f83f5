package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/engine/cascade"
	"healer-sidecar/internal/heal"
)

// fleetWithin is how long the fleet is waited for before the host decides alone. The client
// answers for itself before that.
const fleetWithin = 300 * time.Millisecond

// leastRefusal is how long a refused question is not asked again.
const leastRefusal = 500 * time.Millisecond

// fleetQuestion is what the fleet is asked: an attempt of an incident.
type fleetQuestion struct {
	number   int
	strategy heal.Strategy
}

// common is what an incident has in common with those of other hosts.
type common struct {
	// cause names it for all hosts, reported that the fleet was told.
	cause, reported string
	// id is the fleet incident, quiet says that another host tells people of it.
	id    string
	quiet bool
	// passed were tried in vain elsewhere.
	passed []heal.Strategy
	// turn is when it may act or ask again, why says what it waits for, noted what of that was
	// recorded.
	turn       heal.Stamp
	why, noted string
	// asked waits for an answer until then, granted may be done.
	asked, granted fleetQuestion
	until          heal.Stamp
}

// Asks hands questions to the fleet. It returns at once; the answer comes back as FleetSaid.
type Asks interface{ Ask(heal.FleetAsk) }

// causeOf names what may fail on other hosts too: a dependency that is down, else the failure.
func (c *Core) causeOf(a *agent) string {
	for _, name := range a.policy.DependsOn {
		if b := c.outside[name]; b != nil && b.State == cascade.Open {
			return "dependency-" + name
		}
	}
	return a.inc.diag.Fingerprint
}

// report tells the fleet of a failure that was judged.
func (c *Core) report(a *agent) {
	i := a.inc
	if !c.host.Fleet || i.drill || i.preventive || i.textOnly() {
		return
	}
	cause := c.causeOf(a)
	if strings.HasPrefix(i.common.cause, "dependency-") { // what it waits for stays its cause when that is back
		cause = i.common.cause
	}
	if i.common.cause = cause; i.common.reported == cause {
		return
	}
	i.common.reported = cause
	c.do(AskFleet{Ask: c.fleetAsk(a, "")})
}

func (c *Core) fleetAsk(a *agent, s heal.Strategy) heal.FleetAsk {
	i := a.inc
	return heal.FleetAsk{
		Agent: a.name, Incident: i.id, Number: i.number, Cause: i.common.cause, Type: i.diag.Treated(), Text: i.diag.Template, Strategy: s, Running: a.running,
	}
}

// proceed carries the plan out, once the fleet has nothing against it or does not answer.
func (c *Core) proceed(a *agent) {
	i := a.inc
	q := fleetQuestion{i.number, i.plan.Strategy}
	f := &i.common
	alone := !c.host.Fleet || i.drill || f.cause == "" || q.strategy == heal.Isolate
	if alone || f.granted == q || f.asked == q && c.now.Mono >= f.until.Mono {
		c.act(a)
		return
	}
	if f.asked != q {
		f.asked, f.until = q, c.now.Add(fleetWithin)
		c.do(AskFleet{Ask: c.fleetAsk(a, q.strategy)})
	}
	i.phase = delayed
	c.wake(a, f.until)
}

// fleetSaid takes an answer of the fleet. What comes too late changes no attempt.
func (c *Core) fleetSaid(m heal.FleetAnswer) {
	a := c.agents[m.Agent]
	if a == nil || a.inc == nil || a.inc.id != m.Incident {
		return
	}
	i := a.inc
	f := &i.common
	f.id, f.quiet, f.passed = m.Fleet, m.Quiet && m.Fleet != "", m.Passed
	c.noteFleet(a, m)
	if m.Notice != "" {
		c.tellWith(a, heal.Params{Reason: m.Notice})
	}
	q := fleetQuestion{m.Number, m.Strategy}
	if f.asked != q || q.strategy == "" || i.phase != delayed || i.plan.Strategy != q.strategy || i.number != q.number {
		return
	}
	f.asked, f.why, f.turn = fleetQuestion{}, m.Why, heal.Stamp{}
	if !m.Granted {
		m.After = max(m.After, leastRefusal)
	}
	if m.After > 0 {
		f.turn = c.now.Add(m.After)
	}
	if m.Granted {
		f.granted = q
	}
	switch {
	case slices.Contains(m.Passed, q.strategy):
		f.granted = fleetQuestion{}
		c.plan(a)
	case m.After > 0:
		c.wake(a, f.turn)
	default:
		c.dueDelayed(a)
	}
}

// noteFleet records what an incident has to do with those of other hosts, once.
func (c *Core) noteFleet(a *agent, m heal.FleetAnswer) {
	note := ""
	switch {
	case m.Fleet != "" && m.Why != "":
		note = fmt.Sprintf("fleet incident %s: %s", m.Fleet, m.Why)
	case m.Fleet != "":
		note = "it belongs to fleet incident " + m.Fleet
	case m.Why != "":
		note = "fleet: " + m.Why
	}
	if note == "" || note == a.inc.common.noted {
		return
	}
	a.inc.common.noted = note
	c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Incident: a.inc.id, Note: note}, false)
}

// silent reports that people know of the incident from somebody else.
func (i *incident) silent() bool { return i.acked || i.common.quiet }
