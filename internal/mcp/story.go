package mcp

import (
	"context"
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
)

// incidentView is the story of one incident.
type incidentView struct {
	Incident    string         `json:"incident"`
	Agent       string         `json:"agent"`
	Opened      time.Time      `json:"opened"`
	OpenSeconds float64        `json:"open_seconds"`
	Outcome     heal.Outcome   `json:"outcome,omitempty"`
	ErrorType   heal.ErrorType `json:"error_type,omitempty"`
	Confidence  float64        `json:"confidence,omitempty"`
	Fingerprint string         `json:"fingerprint,omitempty"`
	// Next is the strategy of the latest plan, Why its reason, Unavailable what cannot act and why.
	Next        heal.Strategy            `json:"next,omitempty"`
	Why         string                   `json:"why,omitempty"`
	Unavailable map[heal.Strategy]string `json:"unavailable,omitempty"`
	Attempts    []attemptView            `json:"attempts,omitempty"`
	Untrusted   untrusted                `json:"untrusted,omitempty"`
}

// attemptView is one attempt of an incident.
type attemptView struct {
	At       time.Time     `json:"at"`
	Strategy heal.Strategy `json:"strategy,omitempty"`
	Order    string        `json:"order,omitempty"`
	Undo     bool          `json:"undo,omitempty"`
	Outcome  heal.Outcome  `json:"outcome,omitempty"`
}

// story folds the records of one incident. At most one incident is kept in memory.
type story struct {
	wanted string
	agent  string
	found  bool
	told   incidentView
}

// see adds a record. Without a wanted incident the latest one of the agent, or of all, is told.
func (s *story) see(e heal.Event) {
	if e.Incident == "" || s.wanted != "" && e.Incident != s.wanted || s.agent != "" && e.Agent != s.agent {
		return
	}
	if e.Incident != s.told.Incident {
		if e.Kind != heal.EventOpened && s.found {
			return
		}
		s.found = true
		s.told = incidentView{Incident: e.Incident, Agent: e.Agent, Opened: e.At.Wall}
	}
	s.told.OpenSeconds = seconds(e.At.Wall.Sub(s.told.Opened))
	s.told.take(e)
}

func (v *incidentView) take(e heal.Event) {
	switch {
	case e.Diag != nil:
		v.ErrorType, v.Confidence, v.Fingerprint = e.Diag.Type, e.Diag.Confidence, e.Diag.Fingerprint
		v.Untrusted.add(e.Diag.Evidence...)
	case e.Plan != nil:
		v.plan(*e.Plan)
	case e.Attempt != nil:
		v.Attempts = append(v.Attempts, attemptView{
			At: e.At.Wall, Strategy: e.Attempt.Strategy, Order: string(e.Attempt.Task), Undo: e.Attempt.Undo,
		})
	case e.Kind == heal.EventOutcome && len(v.Attempts) > 0:
		v.Attempts[len(v.Attempts)-1].Outcome = e.Outcome
	case e.Kind == heal.EventClosed:
		v.Outcome = e.Outcome
	}
	v.Untrusted.add(e.Note)
}

func (v *incidentView) plan(p heal.Plan) {
	v.Next, v.Why, v.Unavailable = p.Strategy, clean(p.Reason), map[heal.Strategy]string{}
	for _, o := range p.Options {
		if !o.Offered {
			v.Unavailable[o.Strategy] = clean(o.Why)
		}
	}
}

// tell reads the story of an incident, or the latest one of an agent, or of all.
func tell(ctx context.Context, r Reader, incident, agent string) (incidentView, error) {
	s := story{wanted: incident, agent: agent}
	err := r.Events(ctx, 0, false, func(e heal.Event) bool {
		s.see(e)
		return true
	})
	switch {
	case err != nil:
		return s.told, err
	case !s.found && incident != "":
		return s.told, fmt.Errorf("cannot find incident %q: healer_events with kind incident_opened lists them", incident)
	case !s.found && agent != "":
		return s.told, fmt.Errorf("cannot find an incident of agent %q: it had none", agent)
	case !s.found:
		return s.told, fmt.Errorf("cannot find an incident: there was none")
	}
	return s.told, nil
}
