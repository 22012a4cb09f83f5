package engine

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

const (
	// lateFrom is the lag from which on the sidecar doubts its own clocks, doubtFor how long.
	lateFrom, doubtFor = time.Second, 10 * time.Second
	// A storm is when stormLeast agents have begun to fail within recentFor and do so still,
	// and these are more than stormShare of all, or there were more than stormStarts attempts
	// within stormWithin. It is over when that has not been so for stormCalm (ENGINE.md 2.12).
	stormShare              = 0.3
	stormLeast, stormStarts = 4, 5
	recentFor, stormWithin  = time.Minute, 30 * time.Second
	stormCalm               = 5 * time.Minute
)

// recent are the agents that have begun to fail lately and do so still.
type recent struct {
	queue []failure
	since map[string]heal.Stamp
}

type failure struct {
	at    heal.Stamp
	agent string
}

func (r *recent) add(now heal.Stamp, agent string) {
	if r.since == nil {
		r.since = map[string]heal.Stamp{}
	}
	r.queue = append(r.queue, failure{now, agent})
	r.since[agent] = now
	for now.Sub(r.queue[0].at) > recentFor {
		if old := r.queue[0]; r.since[old.agent] == old.at {
			delete(r.since, old.agent)
		}
		r.queue = r.queue[1:]
	}
}

// sweep looks at what no message tells of: how late we are, who is unwell and left alone,
// what has held long enough, and whether a storm is over.
func (c *Core) sweep(m Swept) {
	c.late(m.Lag)
	if m.Lag >= resumedAfter {
		c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("resumed after %s: the sidecar was stopped, or got no time", m.Lag.Round(time.Second))}, false)
	}
	for _, name := range c.order {
		a := c.agents[name]
		c.alarm(a)
		c.unwatch(a)
		c.learnHealthy(a, false)
		c.judgeSpend(a)
		if c.now.Sub(a.idle) >= idleFor {
			c.missing(a, "it is down, and nothing was under way to start it")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.outside)) {
		c.held(name, c.outside[name])
	}
	if c.storm != "" && c.now.Mono >= c.stormUntil.Mono {
		c.storm = ""
		c.emit(heal.Event{Kind: heal.EventNote, Note: "storm: it is over"}, false)
	}
}

// resumedAfter is the pause of the sidecar itself that is worth an event: nothing was watched meanwhile.
const resumedAfter = 10 * time.Second

// late notes that the host gave us no time.
func (c *Core) late(lag time.Duration) {
	if lag < lateFrom {
		if c.now.Mono >= c.lagUntil.Mono {
			c.lag = 0
		}
		return
	}
	if c.lag == 0 {
		c.emit(heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("late: the sidecar itself got no time for %s; its clocks are doubted for %s", lag.Round(time.Millisecond), doubtFor)}, false)
	}
	c.lag, c.lagUntil = max(c.lag, lag), c.now.Add(doubtFor)
}

// failed notes that an agent has begun to fail.
func (c *Core) failed(a *agent) {
	c.recent.add(c.now, a.name)
	c.count()
}

// count looks whether so many fail at once that they must have something in common.
func (c *Core) count() {
	failing := len(c.recent.since)
	if failing < stormLeast {
		return
	}
	why := ""
	switch starts, agents := c.ledger.StartsWithin(c.now, stormWithin); {
	case float64(failing) > stormShare*float64(len(c.order)):
		why = fmt.Sprintf("%d of %d agents failed within %s", failing, len(c.order), recentFor)
	case starts > max(stormStarts, 2*agents):
		why = fmt.Sprintf("%d attempts on %d agents within %s", starts, agents, stormWithin)
	default:
		return
	}
	if c.stormUntil = c.now.Add(stormCalm); c.storm == "" {
		c.emit(heal.Event{Kind: heal.EventNote, Note: "storm: " + why}, false)
	}
	c.storm = why
}

// stormTurn is when the next attempt may be made in a storm.
func (c *Core) stormTurn(a *agent) heal.Stamp {
	last := c.ledger.LastStart()
	if c.storm == "" || last.IsZero() {
		return heal.Stamp{}
	}
	return last.Add(time.Duration(float64(spacing) * plan.Jitter(a.inc.id)))
}

// hostTurn is when all agents together may make the next attempt; zero when they may at once.
func (c *Core) hostTurn() heal.Stamp {
	wait := c.ledger.BucketWait(c.now, c.tokens, c.tokenEvery)
	if wait == 0 {
		return heal.Stamp{}
	}
	return c.now.Add(wait)
}

// alarm tells people of an agent that has been unwell for long without any action.
func (c *Core) alarm(a *agent) {
	i, after := a.inc, c.host.AlarmAfter
	if i == nil || i.alarmed || after <= 0 || i.phase == held || i.phase == gaveUp {
		return
	}
	last := i.opened.Later(i.begun)
	if c.now.Sub(last) < after {
		return
	}
	i.alarmed = true
	why := fmt.Sprintf("unwell for %s and nothing was done for %s: %s", c.now.Sub(i.opened).Round(time.Second), c.now.Sub(last).Round(time.Second), i.plan.Reason)
	if at := a.nextAttempt(); !at.IsZero() {
		why += fmt.Sprintf("; the next try is in %s", at.Sub(c.now).Round(time.Second))
	}
	c.emit(heal.Event{Kind: heal.EventAlarm, Agent: a.name, Incident: i.id, Note: why}, true)
	c.tell(a, why)
}

// tell lets people know something, beside whatever is done.
func (c *Core) tell(a *agent, why string) {
	c.tellWith(a, heal.Params{Reason: why, Quiet: a.inc.silent()})
}

// tellWith says it as it is to be said.
func (c *Core) tellWith(a *agent, p heal.Params) {
	a.inc.told++
	c.issue(a, heal.Attempt{Task: heal.TaskNotify, Params: p, Diagnosis: a.inc.diag}, nil)
}
