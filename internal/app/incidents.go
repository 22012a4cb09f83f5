package app

import (
	"slices"
	"sync"

	"healer-sidecar/internal/heal"
)

// maxIncidents bounds how many incidents are known in a line each, maxStory how many events
// tell of one.
const maxIncidents, maxStory = 200, 1000

// incidentBook knows the latest incidents.
type incidentBook struct {
	mu    sync.Mutex // guards all below
	known map[string]*heal.IncidentSummary
	order []string
}

func (b *incidentBook) note(e heal.Event) {
	if e.Incident == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil {
		b.known = map[string]*heal.IncidentSummary{}
	}
	i := b.known[e.Incident]
	if i == nil {
		if e.Kind != heal.EventOpened && e.Kind != heal.EventSignal {
			return // its beginning is not in the journal any more
		}
		i = &heal.IncidentSummary{ID: e.Incident, Agent: e.Agent, Opened: e.At.Wall}
		b.known[e.Incident] = i
		b.order = append(b.order, e.Incident)
		if len(b.order) > maxIncidents {
			delete(b.known, b.order[0])
			b.order = b.order[1:]
		}
	}
	switch {
	case e.Kind == heal.EventClosed:
		i.Outcome, i.Took, i.Note = e.Outcome, e.Took, e.Note
	case e.Kind == heal.EventAttempt && e.Attempt.Strategy != "":
		i.Strategy = e.Attempt.Strategy
	}
	if e.Diag != nil {
		i.Type, i.Severity = e.Diag.Type, e.Diag.Severity
	}
}

// latest are the incidents, the newest first.
func (b *incidentBook) latest() []heal.IncidentSummary {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := []heal.IncidentSummary{}
	for _, id := range slices.Backward(b.order) {
		all = append(all, *b.known[id])
	}
	return all
}

// Incidents are the latest incidents, the newest first.
func (s *sidecar) Incidents() []heal.IncidentSummary { return s.served.book.latest() }

// Story is what was recorded of an incident.
func (s *sidecar) Story(incident string) ([]heal.Event, error) {
	all := []heal.Event{}
	err := s.state.journal.After(0).Read(func(e heal.Event) bool {
		if e.Incident == incident {
			all = append(all, e)
		}
		return len(all) < maxStory
	})
	return all, err
}
