package engine

import (
	"slices"
	"time"

	"healer-sidecar/internal/engine/gate"
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

// Replay makes the plans of a recorded past again under another policy. What was believed
// at the time, what was tried and what stood in the way are taken from the record; so the
// same record gives the same answer, and a policy that changes nothing none at all.
type Replay struct {
	policies map[string]heal.Policy
	diags    map[string]*heal.Diagnosis
}

// Redecision is a plan of the past and what another policy makes of it.
type Redecision struct {
	Seq      uint64    `json:"seq"`
	At       time.Time `json:"at"`
	Agent    string    `json:"agent"`
	Incident string    `json:"incident"`
	Was      Choice    `json:"was"`
	Would    Choice    `json:"would"`
	Differs  bool      `json:"differs"`
}

// Choice is the point of a plan: what is done after which delay, or by which rule nothing.
type Choice struct {
	Strategy heal.Strategy `json:"strategy,omitempty"`
	Delay    time.Duration `json:"delay,omitempty"`
	Reason   string        `json:"reason"`
	// Rule is the one of the gate that decides; empty when all allow.
	Rule string `json:"rule,omitempty"`
}

// NewReplay returns a replay under these policies.
func NewReplay(policies []heal.Policy) *Replay {
	r := &Replay{policies: map[string]heal.Policy{}, diags: map[string]*heal.Diagnosis{}}
	for _, p := range policies {
		r.policies[p.Agent] = p
	}
	return r
}

// See takes the next event of the record; it reports false for one that is no decision of
// an agent that the policies name.
func (r *Replay) See(e heal.Event) (Redecision, bool) {
	switch e.Kind {
	case heal.EventDiagnosed:
		r.diags[e.Incident] = e.Diag
	case heal.EventClosed:
		delete(r.diags, e.Incident)
	}
	policy, known := r.policies[e.Agent]
	diag := r.diags[e.Incident]
	if e.Kind != heal.EventPlanned || e.Plan == nil || e.Plan.Params.Limit != "" || !known || diag == nil {
		return Redecision{}, false
	}
	d := Redecision{Seq: e.Seq, At: e.At.Wall, Agent: e.Agent, Incident: e.Incident, Was: choice(*e.Plan, decidingRule(*e.Plan))}
	again, verdict := plan.Make(r.input(e, policy, *diag))
	d.Would = choice(again, verdict.Rule)
	d.Differs = d.Was.Strategy != d.Would.Strategy || d.Was.Delay != d.Would.Delay || d.Was.Strategy == "" && d.Was.Rule != d.Would.Rule
	return d, true
}

func (r *Replay) input(e heal.Event, policy heal.Policy, diag heal.Diagnosis) plan.Input {
	in := plan.Input{Incident: e.Incident, Now: e.At, Policy: policy, Diag: diag, Past: e.Plan, Tried: map[heal.Strategy]int{}, Basis: e.Plan.Basis}
	for _, o := range e.Plan.Options {
		in.Tried[o.Strategy] = o.Tries
	}
	in.Attempts = slices.DeleteFunc(slices.Clone(in.Attempts), func(at heal.Stamp) bool { return e.At.Sub(at) >= policy.Budget.Window })
	return in
}

func choice(p heal.Plan, rule string) Choice {
	if rule == "all" {
		rule = ""
	}
	return Choice{p.Strategy, p.Delay, p.Reason, rule}
}

// decidingRule is the rule that decided about a plan of the past.
func decidingRule(p heal.Plan) string {
	blocked := ""
	for _, o := range p.Options {
		switch v, _ := gate.Decide(o.Verdicts); {
		case !o.Offered:
		case o.Strategy == p.Strategy:
			return v.Rule
		case blocked == "":
			blocked = v.Rule
		}
	}
	if blocked == "" {
		return "ladder"
	}
	return blocked
}
