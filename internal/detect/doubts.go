package detect

import (
	"time"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/detect/unresolved"
	"healer-sidecar/internal/heal"
)

const (
	// doubtEvery is how often it is looked at what came of a line that looks like a failure.
	doubtEvery = 2 * time.Second
	// unresolvedWeight is how much it counts when something agrees with such a line.
	unresolvedWeight = 0.7
)

// doubt says what the wording of a line speaks of. Judging it costs some microseconds, so that it is asked
// about kinds of lines, and not too often.
func (a *Agent) doubt(line []byte) unresolved.Doubt {
	if unresolved.ServerError(line) {
		return unresolved.Failing
	}
	if !a.wording.take(time.Now()) {
		return unresolved.Neutral
	}
	switch failing, working := a.classifier.Wording(line, &a.scratch); {
	case failing:
		return unresolved.Failing
	case working:
		return unresolved.Working
	}
	return unresolved.Neutral
}

// lookUnresolved tells of a failure that output tells of and that something agrees with.
func (a *Agent) lookUnresolved() {
	why := a.unresolved.Verdict(time.Now())
	if a.running && a.unresolved.Open() {
		a.doubts.Reset(doubtEvery)
	}
	if why == "" || !a.running {
		return
	}
	m, text, templates := a.unresolved.Latest()
	s := heal.Signal{
		Agent: a.spec.Agent, Run: a.run, Detector: "output", State: heal.Raised, Witness: heal.WitnessText,
		Match: m, Unresolved: why, Templates: templates, Text: redact.Kept([]byte(text), textWidth),
	}
	v := heal.Vote{Type: heal.ExecutionFailure, Weight: unresolvedWeight, Why: why, Guess: true}
	if m != nil {
		v.Type = m.Type
	} else if typ, ok := a.classifier.Likely(text, &a.scratch); ok {
		v.Type = typ
	}
	s.Vote = &v
	_, s.Output = a.textEvidence(nil)
	a.sink.Signal(s)
}
