package daemon

import (
	"slices"
	"sync"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
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
		i = &heal.IncidentSummary{}
		b.known[e.Incident] = i
		b.order = append(b.order, e.Incident)
		b.shrink()
	}
	present.Note(i, e)
}

// shrink forgets the incident that was opened first of those that are over.
func (b *incidentBook) shrink() {
	if len(b.order) <= maxIncidents {
		return
	}
	oldest := slices.IndexFunc(b.order, func(id string) bool { return b.known[id].Outcome != "" })
	if oldest < 0 {
		return
	}
	delete(b.known, b.order[oldest])
	b.order = slices.Delete(b.order, oldest, oldest+1)
}

// of is what is known of an incident; nil for nothing.
func (b *incidentBook) of(id string) *heal.IncidentSummary {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.known[id]
	if i == nil {
		return nil
	}
	known := *i
	known.Tried = slices.Clone(i.Tried) // its outcomes change
	return &known
}

// latest are the incidents, the newest first.
func (b *incidentBook) latest() []heal.IncidentSummary {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := []heal.IncidentSummary{}
	for _, id := range slices.Backward(b.order) {
		i := *b.known[id]
		i.Tried = slices.Clone(i.Tried)
		all = append(all, i)
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
