package engine

import (
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// act carries the plan out. The intent is on the disk before.
func (c *Core) act(a *agent) {
	i := a.inc
	s := i.plan.Strategy
	i.number++
	i.tried[s]++
	t := heal.Attempt{
		Strategy: s, Params: i.plan.Params, Score: i.score + 1, Preventive: i.preventive, Drill: i.drill, Type: i.diag.Type, Fingerprint: i.diag.Fingerprint,
	}
	if s == heal.Escalate || s == heal.Isolate {
		t.Diagnosis = i.diag
	}
	budgeted := s != heal.Escalate && s != heal.Isolate && !plan.Free(c.input(a), s)
	i.phase, i.begun, i.recurred, i.dependencyBack, i.released = acting, c.now, false, false, false
	if s == heal.Escalate {
		t.Params.Hold = c.holdsAfterEscalate(a)
		t.Params.Reason, t.Params.Quiet = i.plan.Reason, i.silent()
	}
	if a.running && s.Profile().Disruptive {
		c.away[a.name] = c.now
	}
	t = c.issue(a, t, &budgeted)
	i.attempt = &t
	c.count()
}

// holdsAfterEscalate: some failures a further start cannot mend, and one that
// people must see first.
func (c *Core) holdsAfterEscalate(a *agent) bool {
	t := a.inc.diag.Treated()
	return a.inc.untouchable || a.policy.OnLimit == heal.OnLimitHold || !a.running && (t == heal.ConfigurationError || t == heal.SafetyViolation)
}

// calm: what was raised is clear again before anything was done. If it stays so, the agent
// got well by itself, and what was planned is called off.
func (c *Core) calm(a *agent) {
	i := a.inc
	if i == nil || !a.clear() {
		return
	}
	switch i.phase {
	case blocked, delayed, slow, asking:
		c.watch(a)
	}
}

// vanished reports that nothing but conditions spoke against a running agent, and that all of
// them are clear.
func (c *Core) vanished(a *agent) bool {
	i := a.inc
	if i.preventive || !a.clear() {
		return false
	}
	conditions := 0
	for _, s := range i.signals {
		switch {
		case !s.Momentary():
			conditions++
		case s.Witness != heal.WitnessText || s.Match != nil && s.Match.Operator:
			return false
		}
	}
	return conditions > 0
}

// over reports that an agent runs and nothing of its failure was seen for as long as makes it
// healthy again: an event that nothing could be done about has passed.
func (c *Core) over(a *agent) bool {
	return a.clear() && c.now.Sub(a.started) >= a.policy.HealthyAfter && c.now.Sub(a.inc.latest()) >= a.policy.HealthyAfter
}

// watch waits whether the agent stays well without anything being done.
func (c *Core) watch(a *agent) {
	a.inc.phase = watching
	c.wake(a, c.now.Add(a.policy.VerifyFor))
}

// quiet is why an incident ends that was watched.
func (i *incident) quiet() string {
	if i.textOnly() {
		return "no further sign of it in the output; nothing was done"
	}
	return "what was seen is clear again and stayed so"
}
