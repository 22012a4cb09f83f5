package present

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// program begins the command lines that are shown.
const program = "healer-sidecar "

// CardOf says what a person must know of an agent; i is its open incident, nil for none or where
// nothing is known of it. An agent that is well has no card.
func CardOf(a heal.AgentStatus, i *heal.IncidentSummary, now time.Time) *heal.Card {
	s := StateOf(a.Health)
	if s.rank == rankWell && !a.Alarm && len(a.Foreseen) == 0 {
		return nil
	}
	if i == nil {
		i = &heal.IncidentSummary{ID: a.Incident, Agent: a.Agent, Type: a.Type, Severity: a.Severity, Strategy: a.Strategy}
	}
	c := &heal.Card{Agent: a.Agent, Incident: a.Incident, NeedsYou: needsYou(a, s), Since: a.Since}
	c.Title = fmt.Sprintf("%s is %s", a.Agent, condition(a))
	if why := reason(a, *i); why != "" {
		c.Title += ": " + why
	}
	c.Cause, c.Now = cause(*i), happens(a, *i, now)
	if a.Incident != "" {
		c.Attempts = attempts(a, *i)
	}
	c.Tried = tried(*i)
	c.Options = options(a, s)
	return c
}

// needsYou: the state waits for a person, or the sidecar has raised an alarm. Somebody who has
// acknowledged it knows, so it is not counted again, unless a question is open.
func needsYou(a heal.AgentStatus, s State) bool {
	if a.Acknowledged && a.Health != "asking" {
		return false
	}
	return s.NeedsYou || a.Alarm
}

// condition is the word in capitals that a title begins with.
func condition(a heal.AgentStatus) string {
	switch {
	case a.Health == "stopped":
		return "STOPPED by a person"
	case a.Health == "finished":
		return "FINISHED"
	case a.Health == "waiting":
		return "WAITING"
	case a.Health == "starting":
		return "STARTING"
	case a.Process.State == "frozen":
		return "FROZEN"
	case a.Health == "held" && a.Running:
		return "ON HOLD"
	case a.Incident == "" && a.Health == "healthy":
		return "HEALTHY"
	case !a.Running:
		return "DOWN"
	}
	return "UNHEALTHY"
}

// reason is why, in a few words.
func reason(a heal.AgentStatus, i heal.IncidentSummary) string {
	switch v := i.Verdict; {
	case a.Health == "healthy" && len(a.Foreseen) > 0:
		return words(a.Foreseen[0])
	case v != nil && v.Rule == "dependency" && a.Health == "blocked":
		return "waiting for " + dependency(v.Reason)
	case What(i) != "":
		return What(i)
	case a.Hold != "":
		return words(a.Hold)
	case a.Health == "gathering":
		return "a failure was seen"
	}
	return ""
}

// dependency names what is waited for: "it depends on X, which is down: why".
func dependency(reason string) string {
	rest, ok := strings.CutPrefix(reason, "it depends on ")
	if !ok {
		return words(reason)
	}
	name, why, found := strings.Cut(rest, ", which ")
	if !found {
		return words(rest)
	}
	if _, detail, ok := strings.Cut(why, ": "); ok {
		why = detail
	}
	return words(fmt.Sprintf("%s (%s)", name, why))
}

// cause is the symptom with the diagnosis and how sure that is.
func cause(i heal.IncidentSummary) string {
	if i.Type == "" {
		return ""
	}
	diagnosis := Type(i.Type, i.Cause)
	if i.Confidence > 0 {
		diagnosis += ", " + Percent(i.Confidence)
	}
	if i.Symptom == "" {
		return diagnosis
	}
	return fmt.Sprintf("%s (%s)", words(i.Symptom), diagnosis)
}

// attempts sums up what was tried, and what the budget still allows.
func attempts(a heal.AgentStatus, i heal.IncidentSummary) string {
	text := fmt.Sprintf("Attempts: %d", i.Attempts)
	if i.Failed > 0 {
		text += fmt.Sprintf(" (%d failed)", i.Failed)
	}
	return text + fmt.Sprintf(". Budget: %d of %d left.", a.BudgetLeft, a.Budget)
}

// maxShownTries is how many attempts a card lists; the latest count.
const maxShownTries = 4

func tried(i heal.IncidentSummary) []string {
	var lines []string
	last := i.Tried[max(len(i.Tried)-maxShownTries, 0):]
	if more := len(i.Tried) - len(last); more > 0 {
		lines = append(lines, Count(more, "earlier attempt"))
	}
	for _, t := range last {
		lines = append(lines, TriedLine(t))
	}
	return lines
}

// TriedLine is an attempt with its time and what came of it.
func TriedLine(t heal.Tried) string {
	name := cmp.Or(string(t.Strategy), string(t.Task)+" (ordered)")
	if t.Undo {
		name = "undo " + name
	}
	line := t.At.Local().Format("15:04:05 ") + name
	if t.Waited >= time.Second {
		line += " after " + Took(t.Waited)
	}
	switch {
	case t.Outcome == "" && t.Undo:
		return line
	case t.Outcome == "" && t.Why != "":
		return line + ": " + words(t.Why)
	case t.Outcome == "":
		return line + ": in progress"
	case t.Outcome == heal.Recovered || t.Outcome == heal.OutcomeUnknown:
		return fmt.Sprintf("%s: %s after %s", line, Outcome(t.Outcome), Took(t.Took))
	}
	return fmt.Sprintf("%s: %s in %s", line, Outcome(t.Outcome), Took(t.Took))
}

// Outcome is an outcome for people.
func Outcome(o heal.Outcome) string {
	switch o {
	case heal.OutcomeUnknown:
		return "outcome unknown"
	case "":
		return "open"
	}
	return strings.ReplaceAll(string(o), "_", " ")
}

// options are the orders that make sense now, as command lines.
func options(a heal.AgentStatus, s State) []heal.Choice {
	commands := s.commands
	if a.Health == "held" && a.Incident == "" {
		commands = []heal.Command{heal.CommandRelease}
	}
	if a.Hold != "" && !slices.Contains(commands, heal.CommandRelease) {
		commands = append([]heal.Command{heal.CommandRelease}, commands...)
	}
	var all []heal.Choice
	for _, c := range commands {
		switch {
		case c == heal.CommandAck && (a.Acknowledged || a.Incident == ""):
			continue
		case c == heal.CommandStart && a.Running:
			c = heal.CommandRestart
		}
		all = append(all, heal.Choice{Command: c, Line: line(c, a), Effect: Effect(c, a)})
	}
	return all
}

// line is the command line of an order, without the name of the program.
func line(c heal.Command, a heal.AgentStatus) string {
	switch {
	case c == heal.CommandRefuse:
		return "approve --refuse " + a.Incident
	case c.Subject() == heal.SubjectIncident:
		return string(c) + " " + a.Incident
	}
	return string(c) + " " + a.Agent
}

// Effect is the consequence of an order, for the person who gives it.
func Effect(c heal.Command, a heal.AgentStatus) string {
	switch c {
	case heal.CommandStart:
		return "starts it now and refills its budget"
	case heal.CommandStop:
		return "stops it with all its processes; it stays stopped until you start it"
	case heal.CommandRestart:
		return "stops it with all its processes and starts it again"
	case heal.CommandHold:
		return "leaves it as it is; nothing is healed until you release it"
	case heal.CommandIsolate:
		return "freezes all its processes and keeps evidence until you release it"
	case heal.CommandRelease:
		if a.Running {
			return "resumes it and healing goes on"
		}
		return "starts it and healing goes on"
	case heal.CommandApprove:
		return "carries the remedy out"
	case heal.CommandRefuse:
		return "does not carry it out; the next remedy is considered"
	case heal.CommandAck:
		return "says that you know; no more notices until it is resolved"
	}
	return ""
}
