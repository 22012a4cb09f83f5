package engine

import (
	"fmt"

	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// act carries the plan out. The intent is on the disk before.
func (c *Core) act(a *agent) {
	i := a.inc
	s := i.plan.Strategy
	i.number++
	i.tried[s]++
	i.attempt = &heal.Attempt{
		ID: fmt.Sprintf("%s.%d", i.id, i.number), Agent: a.name, Incident: i.id, Strategy: s, Params: i.plan.Params, Score: i.score + 1, Preventive: i.preventive,
		Type: i.diag.Type, Fingerprint: i.diag.Fingerprint,
	}
	if s == heal.Escalate || s == heal.Isolate {
		i.attempt.Diagnosis = i.diag
	}
	budgeted := s != heal.Escalate && s != heal.Isolate && !plan.Free(s, *i.diag, i.answered)
	i.phase, i.begun, i.again, i.answered = acting, c.now, false, false
	if s == heal.Escalate {
		i.attempt.Params.Hold = c.holdsAfterEscalate(a)
		i.attempt.Params.Reason, i.attempt.Params.Quiet = i.plan.Reason, i.acked
	}
	c.emit(heal.Event{Kind: heal.EventAttempt, Agent: a.name, Incident: i.id, Attempt: i.attempt, On: &budgeted}, true)
	c.count()
	if a.running && s.Profile().Disruptive {
		c.away[a.name] = true
	}
	c.hand(*i.attempt)
}

// holdsAfterEscalate: some failures a further start cannot mend, and one that
// people must see first.
func (c *Core) holdsAfterEscalate(a *agent) bool {
	t := a.inc.diag.Type
	return a.inc.untouchable || a.policy.OnLimit == heal.OnLimitHold || !a.running && (t == heal.ConfigurationError || t == heal.SafetyViolation)
}

// calm: what was raised is clear again before anything was done. If it stays so, the agent
// got well by itself, and what was planned is called off.
func (c *Core) calm(a *agent) {
	i := a.inc
	if i == nil || !a.running || len(a.live) > 0 || a.unproven() {
		return
	}
	switch i.phase {
	case blocked, delayed, slow, asking:
		i.phase, i.raises = watching, 0
		c.wake(a, c.now.Add(a.policy.VerifyFor))
	}
}
