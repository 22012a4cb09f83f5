package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

const (
	// spendDetector names the condition of an agent whose limit is used up.
	spendDetector = "spend"
	// mostIsolations is how often it is tried to isolate an agent whose limit is used up, before
	// that goes on like any other failure.
	mostIsolations = 3
	// degradeRoom is by which part of a limit an agent may exceed it after each cheaper way that was put
	// in force.
	degradeRoom = 0.2
	// warnedGap is how far a share must fall below the warning before it may be given again.
	warnedGap = 0.1
	// forecastFrom is the share of a limit from which on a forecast is told.
	forecastFrom = 0.25
)

// forecastWithin is how long before a limit is used up people are notified.
var forecastWithin = map[heal.SpendWindow]time.Duration{heal.PerHour: 10 * time.Minute, heal.PerDay: 2 * time.Hour, heal.PerRun: 10 * time.Minute}

// used takes in what an agent used.
func (c *Core) used(a *agent, u heal.Usage) {
	if u.Empty() || !c.counts(a, u) {
		return
	}
	if p, known := heal.PriceOf(a.policy.Spend.Prices, u.Model); known && (u.Source != heal.UsageReport || u.Cost == 0) {
		u.Cost = p.Of(u.Tokens)
	}
	c.emit(heal.Event{Kind: heal.EventUsage, Agent: a.name, Usage: &u}, false)
	c.judgeSpend(a)
}

// counts: telemetry, transcripts and reports tell of the same tokens. Without a word of the operator
// the first that tells of a run counts, and no other.
func (c *Core) counts(a *agent, u heal.Usage) bool {
	if all := a.policy.Spend.Sources; len(all) > 0 {
		return slices.Contains(all, u.Source)
	}
	s := c.ledger.Agent(a.name).Spend
	return s == nil || s.Source == "" || s.Source == u.Source
}

// judgeSpend looks how the limits of an agent are used, and does what follows.
func (c *Core) judgeSpend(a *agent) {
	s := c.ledger.Agent(a.name).Spend
	if s == nil {
		return
	}
	delete(a.foreseen, spendDetector)
	for _, w := range heal.SpendWindows {
		limit, any := a.policy.Spend.Limits[w]
		switch {
		case any:
			c.judgeLimit(a, s, w, limit)
		case s.Marks[w] != ledger.SpendMark{}: // the policy does not name it any more
			c.markSpend(a, w, heal.SpendCleared, "")
		}
	}
	c.settleSpend(a)
}

func (c *Core) judgeLimit(a *agent, s *ledger.Spend, w heal.SpendWindow, limit heal.Amount) {
	used, mark, warn := s.Used(c.now, w), s.Marks[w], a.policy.Spend.WarnAt
	share := used.Share(limit)
	switch {
	case !mark.Exhausted && share >= 1+degradeRoom*float64(mark.Level) && a.policy.Shadow:
		c.warnSpend(a, w, heal.SpendExhausted, "the budget is used up, and nothing is done in shadow mode: "+used.Of(limit)+" "+w.String())
		return
	case !mark.Exhausted && share >= 1+degradeRoom*float64(mark.Level):
		c.markSpend(a, w, heal.SpendExhausted, c.whySpend(a, w))
		return
	case mark.Exhausted && share >= warn, mark.Level > 0 && share >= warn:
		return
	case mark.Exhausted, mark.Level > 0, mark.Warned && share < warn-warnedGap:
		c.markSpend(a, w, heal.SpendCleared, "the budget has room again: "+used.Of(limit)+" "+w.String())
		return
	case !mark.Warned && share >= warn:
		c.warnSpend(a, w, heal.SpendWarned, fmt.Sprintf("%.0f %% of the budget is used: %s %s", 100*share, used.Of(limit), w))
	}
	c.foreseeSpend(a, s, w, limit, share)
}

// foreseeSpend tells people before the money is gone.
func (c *Core) foreseeSpend(a *agent, s *ledger.Spend, w heal.SpendWindow, limit heal.Amount, share float64) {
	if share < forecastFrom {
		return
	}
	left, will := s.Left(c.now, w, limit)
	if !will || left > forecastWithin[w] {
		return
	}
	used := s.Used(c.now, w)
	text := fmt.Sprintf("at the present rate the budget is used up in about %s: %s %s", minutes(left), used.Of(limit), w)
	a.foreseen[spendDetector] = heal.Signal{At: c.now, Agent: a.name, Detector: spendDetector, Witness: heal.WitnessForecast, Text: text, Left: left}
	if mark := c.ledger.Agent(a.name).Spend.Marks[w]; !mark.Forecast && !mark.Warned {
		c.warnSpend(a, w, heal.SpendForecast, text)
	}
}

// markSpend records a change of a limit.
func (c *Core) markSpend(a *agent, w heal.SpendWindow, state heal.SpendState, why string) {
	m := c.spendMark(a, w, state)
	c.emit(heal.Event{Kind: heal.EventSpend, Agent: a.name, Incident: incidentID(a), Spend: &m, Note: why}, state == heal.SpendExhausted)
}

func (c *Core) spendMark(a *agent, w heal.SpendWindow, state heal.SpendState) heal.SpendMark {
	return heal.SpendMark{Window: w, State: state, Used: c.ledger.Agent(a.name).Spending().Used(c.now, w), Limit: a.policy.Spend.Limits[w]}
}

func (c *Core) warnSpend(a *agent, w heal.SpendWindow, state heal.SpendState, why string) {
	c.markSpend(a, w, state, why)
	c.issue(a, heal.Attempt{Task: heal.TaskNotify, Params: heal.Params{Reason: a.name + ": " + why}}, nil)
}

// overspent is a limit of the agent that is used up and has to be enforced.
func (c *Core) overspent(a *agent) (heal.SpendWindow, bool) {
	s := c.ledger.Agent(a.name).Spend
	if s == nil || a.policy.Shadow {
		return "", false
	}
	for _, w := range heal.SpendWindows {
		if s.Marks[w].Exhausted {
			return w, true
		}
	}
	return "", false
}

// tight reports that a limit is nearly used up: no time to go back to what costs more.
func (c *Core) tight(a *agent) bool {
	s := c.ledger.Agent(a.name).Spend
	for w, limit := range a.policy.Spend.Limits {
		if s != nil && (s.Marks[w].Level > 0 || s.Used(c.now, w).Share(limit) >= a.policy.Spend.WarnAt) {
			return true
		}
	}
	return false
}

// settleSpend enforces a limit that is used up, and lets the agent go on when none is any more.
func (c *Core) settleSpend(a *agent) {
	w, over := c.overspent(a)
	record := c.ledger.Agent(a.name)
	switch {
	case over && record.Hold == "" && !record.Down:
		c.enforce(a, w)
	case over:
	default:
		if _, raised := a.live[spendDetector]; raised {
			c.signal(a, heal.Signal{Agent: a.name, Run: a.runs, Detector: spendDetector, State: heal.Cleared, Witness: heal.WitnessResource})
		}
		if record.HeldBySpend && c.launched {
			c.release(a)
		}
	}
}

// enforce brings an agent under its limit, whatever else is going on with it. An attempt under way
// has to end first.
func (c *Core) enforce(a *agent, w heal.SpendWindow) {
	if i := a.inc; i != nil && (i.phase == blocked && c.ledger.Paused || i.tried[heal.Isolate] >= mostIsolations) {
		return
	}
	if _, raised := a.live[spendDetector]; !raised {
		if i := a.inc; i != nil && i.phase == verifying {
			c.conclude(a, heal.OutcomeUnknown, "the budget was used up before it was proven")
		}
		c.signal(a, c.overspending(a, w))
	}
	i := a.inc
	switch _, still := c.overspent(a); {
	case i == nil || !still || i.phase == blocked && c.ledger.Paused:
	case i.phase == acting || i.phase == undoing || i.phase == ordered:
		i.recurred = true
	case i.phase == verifying:
		c.conclude(a, heal.OutcomeUnknown, "the budget was used up before it was proven")
	case i.phase != held:
		c.decide(a)
	}
}

// overspending is the observation that a limit is used up.
func (c *Core) overspending(a *agent, w heal.SpendWindow) heal.Signal {
	why := c.whySpend(a, w)
	return heal.Signal{
		Agent: a.name, Run: a.runs, Detector: spendDetector, State: heal.Raised, Witness: heal.WitnessResource, Text: why,
		Vote: &heal.Vote{Type: heal.ResourceExhaustion, Weight: reportedWeight, Why: "spend: " + why},
	}
}

// reportedWeight is how much a limit that is used up counts: it is a fact.
const reportedWeight = 0.95

func (c *Core) whySpend(a *agent, w heal.SpendWindow) string {
	return fmt.Sprintf("the budget is used up: %s %s", c.ledger.Agent(a.name).Spending().Used(c.now, w).Of(a.policy.Spend.Limits[w]), w)
}

// planSpend does what the policy says of a limit that is used up. It is a limit and no remedy: the
// gate is not asked, but for a person who has switched healing off.
func (c *Core) planSpend(a *agent, w heal.SpendWindow) {
	i := a.inc
	p := c.spendPlan(a, w)
	switch {
	case c.ledger.Paused:
		p.Strategy, p.Reason = "", "healing is paused: "+p.Reason
		i.phase = blocked
	case p.Strategy == heal.Isolate && !a.running:
		p.Strategy = ""
	}
	i.plan = p
	note := string(p.Strategy) + " now"
	if p.Strategy == "" {
		note = "no action: " + p.Reason
	}
	c.emit(heal.Event{Kind: heal.EventPlanned, Agent: a.name, Incident: i.id, Plan: &p, Note: note}, true)
	switch {
	case c.ledger.Paused:
	case p.Strategy == "":
		c.heldForSpend(a, w, p.Reason)
	case p.Strategy == heal.Isolate:
		c.act(a)
	default:
		c.act(a)
		for _, one := range heal.SpendWindows { // one cheaper way answers all of them
			if c.ledger.Agent(a.name).Spend.Marks[one].Exhausted {
				c.markSpend(a, one, heal.SpendDegraded, p.Reason)
			}
		}
		c.settleSpend(a)
		c.tell(a, fmt.Sprintf("%s: %s; %s is in force", a.name, p.Reason, p.Strategy))
	}
}

func (c *Core) spendPlan(a *agent, w heal.SpendWindow) heal.Plan {
	why := c.whySpend(a, w)
	p := heal.Plan{Strategy: heal.Isolate, Success: heal.Isolate.Profile().Success, Risk: heal.Isolate.Profile().Risk, Reason: why}
	p.Params = heal.Params{Reason: why, Limit: w, Stop: a.policy.Spend.OnExhausted == heal.ExhaustedHold || a.inc.tried[heal.Isolate] > 0}
	if a.policy.Spend.OnExhausted != heal.ExhaustedDegrade {
		return p
	}
	levels, way := c.ledger.Agent(a.name).InForce()
	named := a.policy.Spend.Alternative
	if named == "" && len(a.policy.Alternatives) > 0 {
		named = a.policy.Alternatives[0].Name
	}
	down := a.policy.Declared[heal.DegradeGracefully] && levels[heal.DegradeGracefully] < max(a.policy.Steps[heal.DegradeGracefully], 1)
	aside := named != "" && way != named
	switch {
	case aside && (a.policy.Spend.Alternative != "" || !down):
		p.Strategy, p.Params = heal.AlternativePath, heal.Params{Reason: why, Steps: 1, Name: named, Limit: w}
	case down:
		p.Strategy, p.Params = heal.DegradeGracefully, heal.Params{Reason: why, Steps: levels[heal.DegradeGracefully] + 1, Limit: w}
	}
	p.Success, p.Risk = p.Strategy.Profile().Success, p.Strategy.Profile().Risk
	return p
}

// heldForSpend leaves an agent alone until its limit is free again or a person releases it.
func (c *Core) heldForSpend(a *agent, w heal.SpendWindow, why string) {
	limit := a.policy.Spend.Limits[w]
	until := "until a person releases it"
	if at := c.ledger.Agent(a.name).Spending().FreeAt(c.now, w, limit, a.policy.Spend.WarnAt); w != heal.PerRun {
		until = "for about " + minutes(at.Sub(c.now)) + ", or until a person releases it"
	}
	note := strings.Join([]string{why, "it is held " + until}, "; ")
	c.tell(a, a.name+": "+note)
	a.inc.phase = held
	a.gen++
	m := c.spendMark(a, w, heal.SpendExhausted)
	c.emit(heal.Event{Kind: heal.EventHeld, Agent: a.name, Incident: a.inc.id, Spend: &m, Note: note}, true)
	if _, still := c.overspent(a); !still { // it became free while the agent was isolated
		c.settleSpend(a)
	}
}

// released: a person wants the agent to go on; the exhausted windows begin again.
func (c *Core) released(a *agent) {
	delete(a.live, spendDetector)
}

// spending is what `status` shows.
func (c *Core) spending(now heal.Stamp, a *agent) *heal.SpendStatus {
	s := c.ledger.Agent(a.name).Spend
	if s == nil && len(a.policy.Spend.Limits) == 0 {
		return nil
	}
	if s == nil {
		s = &ledger.Spend{}
	}
	status := &heal.SpendStatus{Run: s.Tokens, Cost: s.Run.Cost, Total: s.Total, Source: s.Source, Unpriced: s.Unpriced}
	for _, w := range heal.SpendWindows {
		limit, any := a.policy.Spend.Limits[w]
		if !any {
			continue
		}
		l := heal.LimitStatus{Window: w, Used: s.Used(now, w), Limit: limit, State: "ok"}
		l.Share = l.Used.Share(limit)
		mark := s.Marks[w]
		switch {
		case mark.Exhausted:
			l.State, l.FreeAt = "exhausted", s.FreeAt(now, w, limit, a.policy.Spend.WarnAt).Wall
		case mark.Level > 0:
			l.State = "degraded"
		case mark.Warned:
			l.State = "warned"
		}
		if left, will := s.Left(now, w, limit); will && !mark.Exhausted {
			l.Left = left
		}
		status.Limits = append(status.Limits, l)
	}
	return status
}

// minutes is a time for people, in whole minutes.
func minutes(d time.Duration) string {
	return strings.TrimSuffix(max(d, time.Minute).Round(time.Minute).String(), "0s")
}
