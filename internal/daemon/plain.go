package daemon

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// plainly tells a person at a terminal what has happened, in a sentence; empty for what is
// not worth one.
func plainly(e heal.Event) string {
	switch e.Kind {
	case heal.EventStarted:
		if e.Run.Run > 1 {
			return fmt.Sprintf("%s runs again (run %d, pid %d)", e.Agent, e.Run.Run, e.Run.PID)
		}
	case heal.EventExited:
		return fmt.Sprintf("%s ended: %s", e.Agent, present.Exit(e.Exit))
	case heal.EventFinished:
		return fmt.Sprintf("%s finished: %s", e.Agent, present.Exit(e.Exit))
	case heal.EventDiagnosed:
		return diagnosed(e)
	case heal.EventPlanned:
		return "next: " + e.Note
	case heal.EventResult:
		if e.Result.Error != "" {
			return "that could not be done: " + e.Result.Error
		}
	case heal.EventOutcome:
		return outcome(e)
	case heal.EventClosed:
		return fmt.Sprintf("incident %s is over after %s: %s", e.Incident, round(e.Took), e.Outcome)
	case heal.EventNote, heal.EventSpend, heal.EventOrderFailed, heal.EventHeld, heal.EventSlow, heal.EventGaveUp, heal.EventAlarm:
		return fmt.Sprintf("%s: %s", e.Agent, e.Note)
	}
	return ""
}

func diagnosed(e heal.Event) string {
	said := fmt.Sprintf("that is %s (%.0f %% sure)", e.Diag.Type, 100*e.Diag.Confidence)
	if len(e.Diag.Evidence) == 0 {
		return said
	}
	// How it ended was said already, so what else there is tells more.
	why := e.Diag.Evidence[0]
	for _, more := range e.Diag.Evidence {
		if !strings.HasPrefix(more, "exit: ") {
			why = more
			break
		}
	}
	return said + ", because: " + why
}

func outcome(e heal.Event) string {
	what := "it"
	if e.Attempt != nil && e.Attempt.Strategy != "" {
		what = string(e.Attempt.Strategy)
	}
	switch e.Outcome {
	case heal.Recovered:
		return what + " helped: " + e.Note
	case heal.OutcomeUnknown:
		return "whether " + what + " helped is not known: " + e.Note
	}
	return what + " did not help: " + e.Note
}

func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}

// runSummary sums up what happened in this life of the sidecar.
type runSummary struct {
	mu        sync.Mutex // guards all below
	incidents int
	// open are those that have not ended.
	open     map[string]bool
	outcomes map[heal.Outcome]int
	remedies map[heal.Strategy]int
	order    []heal.Strategy
	down     map[string]time.Duration
	// lost is how long agents were down because of failures.
	lost time.Duration
}

func (t *runSummary) note(e heal.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.Kind == heal.EventExited:
		if t.down == nil {
			t.down = map[string]time.Duration{}
		}
		t.down[e.Agent] = e.At.Mono
	case e.Kind == heal.EventStarted:
		if since, was := t.down[e.Agent]; was {
			t.lost += e.At.Mono - since
			delete(t.down, e.Agent)
		}
	case e.Kind == heal.EventAttempt && e.Attempt.Strategy != "" && e.Attempt.Task == "":
		if t.remedies == nil {
			t.remedies = map[heal.Strategy]int{}
		}
		if t.remedies[e.Attempt.Strategy] == 0 {
			t.order = append(t.order, e.Attempt.Strategy)
		}
		t.remedies[e.Attempt.Strategy]++
	case e.Kind == heal.EventOpened:
		if t.open == nil {
			t.open = map[string]bool{}
		}
		t.incidents, t.open[e.Incident] = t.incidents+1, true
	case e.Kind == heal.EventClosed:
		if t.outcomes == nil {
			t.outcomes = map[heal.Outcome]int{}
		}
		if !t.open[e.Incident] { // it belongs to an earlier invocation
			return
		}
		delete(t.open, e.Incident)
		t.outcomes[e.Outcome]++
	}
}

// untouched reports that nothing was done about anything.
func (t *runSummary) untouched() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.remedies) == 0
}

// knows reports that an event belongs to this invocation.
func (t *runSummary) knows(e heal.Event) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return e.Kind != heal.EventClosed || t.open[e.Incident]
}

// String is the summary; empty when nothing has failed.
func (t *runSummary) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.incidents == 0 && len(t.remedies) == 0 {
		return ""
	}
	said := "Summary: " + present.Count(t.incidents, "incident")
	if n := t.outcomes[heal.Recovered]; n > 0 {
		said += fmt.Sprintf(", %d healed", n)
	}
	if n := len(t.open); n > 0 {
		said += fmt.Sprintf(", %d open", n)
	}
	for i, s := range t.order {
		said += map[bool]string{true: "; remedies: ", false: ", "}[i == 0] + fmt.Sprintf("%s %d", s, t.remedies[s])
	}
	return said + "; " + present.Took(t.lost) + " downtime"
}

// shellWord writes a text in such a way that a shell takes it for one word.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%,=", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
