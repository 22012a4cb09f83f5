package present

import (
	"fmt"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// margin is where the text of a card begins.
const margin = 10

// CardLines is a card as text of at most width columns; 0 for lines of any length.
func CardLines(c heal.Card, width int, now time.Time) []string {
	head := c.Title
	lines := []string{head}
	if c.Incident != "" {
		line := fmt.Sprintf("Incident %s, open %s.", c.Incident, Age(now.Sub(c.Since)))
		if c.Attempts != "" {
			line += " " + c.Attempts
		}
		lines = append(lines, line)
	} else if !c.Since.IsZero() {
		lines = append(lines, "Since "+Age(now.Sub(c.Since))+" ago.")
	}
	lines = append(lines, field("Cause", c.Cause, width)...)
	for n, t := range c.Tried {
		lines = append(lines, field(map[bool]string{true: "Tried", false: ""}[n == 0], t, width)...)
	}
	lines = append(lines, field("Now", c.Now, width)...)
	return append(lines, Options(c.Options, width)...)
}

// Options are what a person can do, one command and its effect on a line.
func Options(all []heal.Choice, width int) []string {
	longest := 0
	for _, o := range all {
		longest = max(longest, len(o.Line))
	}
	var lines []string
	for n, o := range all {
		text := fmt.Sprintf("%s%-*s  %s", program, longest, o.Line, o.Effect)
		if width > 0 && margin+len(text) > width { // never cut what must be typed
			text = program + o.Line
		}
		name := map[bool]string{true: "You can", false: ""}[n == 0]
		lines = append(lines, fmt.Sprintf("%-*s%s", margin-1, name, text))
	}
	return lines
}

// field is a name and its text, wrapped to a width.
func field(name, text string, width int) []string {
	if text == "" {
		return nil
	}
	var lines []string
	for n, part := range Wrap(text, width-margin+1) {
		if n > 0 {
			name = ""
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-*s%s", margin-1, name, part), " "))
	}
	return lines
}

// minWrap is the width below which nothing is wrapped.
const minWrap = 20

// Wrap breaks a text at spaces into lines of at most width columns; words that are longer stay whole.
func Wrap(text string, width int) []string {
	if width < minWrap || len(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// Brief is a card in a line, for a table.
func Brief(c heal.Card) string {
	_, why, _ := strings.Cut(c.Title, ": ")
	switch {
	case why == "":
		return c.Now
	case c.Now == "":
		return why
	}
	return why + ". " + c.Now
}

// ClosedLines tell of an incident that is over, or whose agent is not known any more.
func ClosedLines(i heal.IncidentSummary, width int) []string {
	what := What(i)
	if what == "" {
		what = "a failure"
	}
	title := fmt.Sprintf("%s: %s, %s", i.Agent, what, Outcome(i.Outcome))
	if i.Outcome != "" {
		title += " after " + Took(i.Took)
	}
	lines := []string{title, fmt.Sprintf("Incident %s, opened %s. Attempts: %d (%d failed).", i.ID, i.Opened.Local().Format("2006-01-02 15:04:05"), i.Attempts, i.Failed)}
	lines = append(lines, field("Cause", cause(i), width)...)
	for n, t := range tried(i) {
		lines = append(lines, field(map[bool]string{true: "Tried", false: ""}[n == 0], t, width)...)
	}
	return append(lines, field("Result", words(i.Note), width)...)
}
