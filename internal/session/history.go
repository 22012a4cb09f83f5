package session

import "time"

const (
	// modelStage is the name of the wait for the model; no tool is called so.
	modelStage = ""
	// mostStages bounds how many tools have a history of their own, mostSeen how many durations of each are
	// counted before older ones fade.
	mostStages, mostSeen = 64, 50
	// overLongest is how many times the longest that was seen is no longer usual.
	overLongest = 3
)

// stage is how long one thing usually takes.
type stage struct {
	longest time.Duration
	seen    int
}

// history is how long the stages of one session took.
type history struct{ stages map[string]stage }

// add takes a duration in. The longest of long ago fades, by a tenth each time that so many shorter ones
// have come.
func (h *history) add(name string, d time.Duration) {
	if d < 0 {
		return
	}
	if h.stages == nil {
		h.stages = map[string]stage{}
	}
	s, known := h.stages[name]
	if !known && len(h.stages) >= mostStages {
		return
	}
	s.seen++
	if s.seen%mostSeen == 0 {
		s.longest -= s.longest / 10
	}
	s.longest = max(s.longest, d)
	h.stages[name] = s
}

// limit is from when on a stage takes too long: never before the floor, and never before three times the
// longest that was seen.
func (h *history) limit(name string, floor time.Duration) time.Duration {
	return max(floor, overLongest*h.stages[name].longest)
}

// Absorb takes over what another session of the same agent has learned.
func (s *Session) Absorb(other *Session) {
	for name, st := range other.usual.stages {
		s.usual.add(name, st.longest)
	}
}
