package present

import (
	"slices"
	"strings"

	"healer-sidecar/internal/heal"
)

// maxTried bounds how many attempts of an incident are listed.
const maxTried = 20

// Note adds an event to the summary of the incident that it belongs to. Any order of calls over the
// events of one incident, the oldest first, gives the same summary.
func Note(i *heal.IncidentSummary, e heal.Event) {
	if i.ID == "" {
		i.ID, i.Agent, i.Opened = e.Incident, e.Agent, e.At.Wall
	}
	switch e.Kind {
	case heal.EventPlanned:
		if e.Plan != nil {
			i.Planned, i.Verdict = e.Plan.Strategy, e.Plan.Verdict
			i.Strategy = e.Plan.Strategy
		}
	case heal.EventAttempt:
		begin(i, e)
	case heal.EventResult:
		reported(i, e)
	case heal.EventOutcome:
		settle(i, e)
	case heal.EventHeld, heal.EventReleased, heal.EventGaveUp, heal.EventSlow:
		i.Planned, i.Verdict = "", nil
	case heal.EventClosed:
		i.Outcome, i.Took, i.Note = e.Outcome, e.Took, e.Note
		i.Planned, i.Verdict = "", nil
	}
	if d := e.Diag; d != nil {
		i.Type, i.Severity, i.Confidence, i.Cause, i.Fingerprint = d.Type, d.Severity, d.Confidence, d.Cause, d.Fingerprint
		i.Symptom = Symptom(*d)
	}
}

// Fold sums up the events of one incident.
func Fold(events []heal.Event) heal.IncidentSummary {
	var i heal.IncidentSummary
	for _, e := range events {
		Note(&i, e)
	}
	return i
}

// onAgent are the tasks that change how an agent runs.
var onAgent = []heal.Task{heal.TaskStart, heal.TaskStop, heal.TaskRestart, heal.TaskRelease, heal.TaskIsolate, heal.TaskRestore}

// begin notes an attempt. To notify people is no attempt to heal.
func begin(i *heal.IncidentSummary, e heal.Event) {
	a := e.Attempt
	if a == nil || a.Task != "" && !slices.Contains(onAgent, a.Task) {
		return
	}
	i.Planned, i.Verdict = "", nil
	if a.Strategy == heal.Escalate {
		i.Strategy = a.Strategy
		return
	}
	if a.Strategy != "" && !a.Undo {
		i.Strategy = a.Strategy
	}
	if !a.Undo {
		i.Attempts++
	}
	i.Tried = append(i.Tried, heal.Tried{At: e.At.Wall, ID: a.ID, Strategy: a.Strategy, Task: a.Task, Undo: a.Undo})
	i.Tried = i.Tried[max(len(i.Tried)-maxTried, 0):]
}

// reported notes what the executor says: that nothing could be done is known at once.
func reported(i *heal.IncidentSummary, e heal.Event) {
	if e.Result == nil || e.Result.Error == "" {
		return
	}
	if t := find(i, e.Result.Attempt); t != nil {
		t.Why = e.Result.Error
	}
}

func find(i *heal.IncidentSummary, attempt string) *heal.Tried {
	for n := len(i.Tried) - 1; n >= 0; n-- {
		if i.Tried[n].ID == attempt {
			return &i.Tried[n]
		}
	}
	return nil
}

// settle notes the outcome of the attempt that it names, of the latest one without a name.
func settle(i *heal.IncidentSummary, e heal.Event) {
	if len(i.Tried) == 0 {
		return
	}
	t := &i.Tried[len(i.Tried)-1]
	if e.Attempt != nil {
		if t = find(i, e.Attempt.ID); t == nil {
			return
		}
	}
	if t.Outcome == "" && !t.Undo && (e.Outcome == heal.Failed || e.Outcome == heal.Relapsed) {
		i.Failed++
	}
	t.Outcome, t.Took = e.Outcome, e.At.Wall.Sub(t.At)
	if t.Why == "" {
		t.Why = e.Note
	}
}

// Symptom is the evidence that tells most: the line of the rule that decided, what the detector says,
// else anything but the bare exit.
func Symptom(d heal.Diagnosis) string {
	if d.Rule != "" {
		for _, e := range d.Evidence {
			if line, ok := strings.CutPrefix(e, "rule "+d.Rule+": "); ok {
				return withoutScore(line)
			}
		}
	}
	if d.Because != "" {
		return d.Because
	}
	for _, e := range d.Evidence {
		if !slices.ContainsFunc(vague, func(begin string) bool { return strings.HasPrefix(e, begin) }) {
			return withoutScore(e)
		}
	}
	for _, e := range d.Evidence {
		if exit, ok := strings.CutPrefix(e, exitEvidence); ok {
			return withoutScore(exit)
		}
	}
	return ""
}

// exitEvidence begins the evidence that says how a run ended.
const exitEvidence = "exit: "

// vague begins the evidence that says little to a person: the exit, which follows when nothing else is
// known, and what only sums up words.
var vague = []string{exitEvidence, "its words speak of that", "its wording as a whole", "the run before it ended in the same way"}

// withoutScore takes the type and weight off that end a piece of evidence: "... (type, 0.84)".
func withoutScore(line string) string {
	at := strings.LastIndex(line, " (")
	if at < 0 || !strings.HasSuffix(line, ")") {
		return line
	}
	kind, _, ok := strings.Cut(line[at+2:], ", ")
	if !ok || !heal.ErrorType(kind).Valid() {
		return line
	}
	return line[:at]
}
