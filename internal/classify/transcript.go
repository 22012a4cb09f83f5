package classify

import (
	"strings"

	"healer-sidecar/internal/match"
)

// conversation follows the output of a living program through stretches that
// quote text instead of reporting: fenced code, dialogue, and indented help.
type conversation struct {
	fenced bool
	spoken bool
}

var (
	speaker  = match.Lazy(`^\s*(?i:assistant|agent|user|human|thought|final answer|answer|observation|model|llm|bot|q|a|react trace|draft|response|reply|documentation|readme|story|explanation)\s?(?:\(\w+\))?:`)
	recordAt = match.Lazy(`^\W{0,3}(?:\d{4}-\d\d|\d\d:\d\d|\w{3} +\d+ \d\d:|\d{4}/|ts=|time=|level=|\{"|[A-Z]{4,8}[: ])`)
	// report is an indented line that is a report all the same.
	report = match.Lazy(`^\s{4,}(?:\[?(?:ERROR|FATAL|CRITICAL|PANIC|SEVERE)\b|\[?\d{4}[-/]\d\d[-/]\d\d|\[?\d\d:\d\d:\d\d|[A-Z][a-z]{2} +\d+ \d\d:|(?:ts|time|level)=|\{")`)
	// reported is what stands before a message that is one of a failure.
	reported = match.Lazy(`\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC)\b|(?i:\blevel\W{1,4}(?:error|fatal|critical|panic))`)
	helpLine = match.Lazy(`^\s*(?:-{1,2}[\w?][\w-]*\b|[;*•>]|#(?:[^#]|$)|##(?:[^\[]|$)|//|\|)|^\s{4,}\S`)
)

// holds reports whether line is quoted text rather than a report of the program.
func (c *conversation) holds(line string) bool {
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(trimmed, "```"):
		c.fenced = !c.fenced
		return true
	case c.fenced:
		return true
	case speaks(line):
		c.spoken = true
		return true
	case c.spoken && (trimmed == "" || recordAt().MatchString(line)):
		c.spoken = false
	}
	return c.spoken || helpLine().MatchString(line) && !report().MatchString(line)
}

// speaks reports that a line begins with who says it, with or without what logs put before. A
// logger that reports a failure is no speaker, whatever it is called.
func speaks(line string) bool {
	if speaker().MatchString(line) {
		return true
	}
	text, _ := unwrapped(line)
	return speaker().MatchString(text) && !reported().MatchString(strings.TrimSuffix(line, text))
}
