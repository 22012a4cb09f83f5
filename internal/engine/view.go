package engine

import (
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// Status returns what the core knows of each agent, in the policy's order.
func (c *Core) Status(now heal.Stamp) []heal.AgentStatus {
	var all []heal.AgentStatus
	for _, name := range c.order {
		all = append(all, c.status(now, c.agents[name]))
	}
	return all
}

// Strain says why attempts are spread out, and by how much the sidecar was late recently.
func (c *Core) Strain() (storm string, lag time.Duration) { return c.storm, c.lag }

func (c *Core) status(now heal.Stamp, a *agent) heal.AgentStatus {
	record := c.ledger.Agent(a.name)
	s := heal.AgentStatus{
		Agent: a.name, Health: "healthy", Running: a.running, Ready: a.ready, Desired: "up", Hold: record.Hold, Runs: a.runs,
		BudgetLeft: max(a.policy.Budget.Attempts-len(record.Spent(now, a.policy.Budget.Window)), 0),
		Budget:     a.policy.Budget.Attempts,
	}
	if a.running {
		s.Uptime, s.Since = now.Sub(a.started), a.started.Wall
	}
	if record.Hold != "" && !record.HeldAt.IsZero() {
		s.Since = record.HeldAt.Wall
	}
	for detector, blind := range a.blind {
		s.Unknown = append(s.Unknown, strings.TrimSuffix(detector+": "+blind.Text, ": "))
	}
	slices.Sort(s.Unknown)
	for _, f := range a.foreseen {
		s.Foreseen = append(s.Foreseen, f.Text)
		one := heal.Forecast{Text: f.Text, Left: f.Left}
		if f.End != nil {
			one.Resource, one.Limit = f.End.Resource, f.End.Limit
		}
		s.Forecasts = append(s.Forecasts, one)
	}
	slices.Sort(s.Foreseen)
	for _, m := range record.Measures {
		s.Measures = append(s.Measures, string(m.Strategy))
	}
	s.Spend = c.spending(now, a)
	s.Alarm, s.Acknowledged = a.inc != nil && a.inc.alarmed, a.inc != nil && a.inc.acked
	switch {
	case record.Down:
		s.Health, s.Desired = "stopped", "down"
	case a.inc != nil:
		s.Health, s.Incident, s.NextAttempt = string(a.inc.phase), a.inc.id, a.nextAttempt().Wall
		if s.Since = a.inc.opened.Wall; a.wakes.Mono > now.Mono {
			s.Until = a.wakes.Wall
		}
		if a.inc.diag != nil {
			s.Type, s.Severity = a.inc.diag.Type, a.inc.diag.Severity
		}
		if a.inc.attempt != nil {
			s.Strategy = a.inc.attempt.Strategy
		}
	case a.done:
		s.Health = "finished"
	case record.Hold != "":
		s.Health = "held"
	case a.waiting:
		s.Health = "waiting"
	case !a.running:
		s.Health = "starting"
	}
	return s
}

// nextAttempt is when something is tried next on an agent that waits for its time; zero for one
// that waits for something else.
func (a *agent) nextAttempt() heal.Stamp {
	switch a.inc.phase {
	case delayed, slow:
		return a.wakes
	}
	return heal.Stamp{}
}

// Stats sums up what happened so far.
func (c *Core) Stats(now heal.Stamp) heal.Stats {
	t := c.ledger.Totals
	s := heal.Stats{
		Errors: t.Errors, LastHour: c.ledger.Recent(now, time.Hour), ByType: map[heal.ErrorType]int{},
		Outcomes: map[heal.Outcome]int{},
	}
	for typ, n := range t.ByType {
		s.ByType[typ] = n
	}
	settled := 0
	for o, n := range t.Closed {
		s.Outcomes[o] = n
		if o != heal.OutcomeUnknown {
			settled += n
		}
	}
	for _, a := range c.agents {
		if a.inc != nil {
			s.Active++
		}
	}
	s.Returned, s.Healed = t.Returned, max(t.Recovered-t.Returned, 0)
	if all := settled + s.Active; all > 0 {
		rate := float64(s.Healed) / float64(all)
		s.SuccessRate = &rate
	}
	if t.Recovered > 0 {
		s.MeanRecovery = t.Recovery / time.Duration(t.Recovered)
	}
	s.Patterns = c.Patterns("")
	s.Shadow = t.Shadow
	return s
}
