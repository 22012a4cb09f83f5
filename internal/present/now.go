package present

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// happens says what follows by itself, and when.
func happens(a heal.AgentStatus, i heal.IncidentSummary, now time.Time) string {
	switch a.Health {
	case "asking":
		return fmt.Sprintf("Waits for your approval of %s%s.", cmp.Or(i.Planned, a.Strategy, "the next remedy"), deadline(a, now))
	case "held":
		return held(a)
	case "gave_up":
		return "Nothing more is tried: the policy says stop."
	case "slow":
		return "No remedy has helped. " + nextAttempt(a, now)
	case "delayed":
		return delayed(a, i, now)
	case "blocked":
		return blocked(a, i, now)
	case "gathering":
		return "Collecting evidence; the diagnosis follows within a second."
	case "watching":
		return "Not enough evidence to act. " + closes(a, now)
	case "acting":
		return fmt.Sprintf("%s is being carried out.", cmp.Or(string(a.Strategy), "An attempt"))
	case "undoing":
		return fmt.Sprintf("%s did not help and is being taken back.", cmp.Or(string(a.Strategy), "An attempt"))
	case "verifying":
		return fmt.Sprintf("Verifying %s. %s", cmp.Or(string(a.Strategy), "the attempt"), closes(a, now))
	case "ordered":
		return "An order is being carried out."
	}
	return steady(a)
}

// steady is what follows where no incident is open.
func steady(a heal.AgentStatus) string {
	switch a.Health {
	case "waiting":
		return "Starts automatically when what it depends on is ready."
	case "starting":
		return "The process is being started."
	case "stopped":
		return "Stays stopped until you start it."
	case "finished":
		return "It ended with a success code and is not started again."
	}
	return ""
}

func held(a heal.AgentStatus) string {
	if a.Hold == "" {
		return "Nothing is done until you release it."
	}
	return fmt.Sprintf("On hold (%s). Nothing is done until you release it.", words(a.Hold))
}

func deadline(a heal.AgentStatus, now time.Time) string {
	if a.Until.IsZero() {
		return ""
	}
	return fmt.Sprintf("; without an answer in %s it is not done", Countdown(a.Until.Sub(now)))
}

func nextAttempt(a heal.AgentStatus, now time.Time) string {
	if a.Until.IsZero() {
		return "The next attempt follows."
	}
	return fmt.Sprintf("Next attempt in %s (%s).", Countdown(a.Until.Sub(now)), a.Until.Local().Format("15:04:05"))
}

// delayed names the attempt that comes, and why it waits.
func delayed(a heal.AgentStatus, i heal.IncidentSummary, now time.Time) string {
	text := fmt.Sprintf("Next attempt: %s", cmp.Or(string(i.Planned), "to be chosen"))
	if !a.Until.IsZero() {
		text += fmt.Sprintf(" in %s (%s)", Countdown(a.Until.Sub(now)), a.Until.Local().Format("15:04:05"))
	}
	if v := i.Verdict; v != nil && v.Reason != "" {
		text += "; " + words(v.String())
	}
	return text + "."
}

func closes(a heal.AgentStatus, now time.Time) string {
	if a.Until.IsZero() {
		return "The incident closes if no failure comes back."
	}
	return fmt.Sprintf("The incident closes in %s if no failure comes back.", Countdown(a.Until.Sub(now)))
}

// blocked says what must end for healing to go on.
func blocked(a heal.AgentStatus, i heal.IncidentSummary, now time.Time) string {
	v := i.Verdict
	if v == nil {
		return "Healing is blocked; it goes on when the reason ends."
	}
	when := ""
	if !a.Until.IsZero() {
		when = fmt.Sprintf(" It is judged again in %s.", Countdown(a.Until.Sub(now)))
	}
	switch v.Rule {
	case "dependency":
		return fmt.Sprintf("Starts automatically when %s answers.", dependencyName(v.Reason))
	case "paused":
		return "Nothing is done while healing is paused; healer-sidecar resume ends that."
	case "shadow":
		return "Shadow mode: remedies are only recorded, never carried out."
	case "hold":
		return held(a)
	case "in_flight":
		return "Waits for another attempt to end."
	}
	return fmt.Sprintf("Nothing is done now: %s.%s", words(v.String()), when)
}

func dependencyName(reason string) string {
	name, _, _ := strings.Cut(dependency(reason), " ")
	return name
}
