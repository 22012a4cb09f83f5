package detect

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
)

// A line that a built-in rule calls a failure is an observation. It becomes a reason to call people
// when something agrees with it: lines like it are most of what the agent prints for a while, or
// the agent falls silent after it.
const (
	// repeatedFor is how long lines of failures must go on, leastRepeated how many there must be.
	// They must be mostOf of all lines, or someOf if they all tell of the same.
	repeatedFor, leastRepeated = 25 * time.Second, 3
	mostOf, someOf             = 0.5, 0.3
	// silentFor is the least silence behind such a line, silentFactor how many times it must be
	// longer than the longest pause before. Where no pauses are known it takes unknownSilence.
	silentFor, silentFactor, unknownSilence = 30 * time.Second, 5, 45 * time.Second
	pausesKnown                             = 5
	// silentTail is how many lines may come between the line and the silence.
	silentTail = 2
	// doubtEvery is how often it is looked at.
	doubtEvery = 2 * time.Second
	// resolvedLines normal lines in a row end it, and so does resolvedAfter without another one.
	resolvedLines, resolvedAfter = 10, 2 * time.Minute
	// mostTemplates bounds how many kinds of lines are told apart.
	mostTemplates = 8
	// provenFor is how long an answer to a probe outweighs such lines: the agent serves while it
	// prints them.
	provenFor = 30 * time.Second
)

// unresolved follows what comes after lines that built-in rules call failures.
type unresolved struct {
	// first and last are when such lines came in the present stretch; zero for none.
	first, last time.Time
	// flagged lines out of all lines came since; tail is how many came behind the last of them.
	flagged, lines, tail int
	// same says that all of them match one rule.
	same bool
	// match and text are of the latest of them, told says that people know.
	match heal.Match
	text  string
	told  bool
	// templates are those of the present stretch, known those of the whole run. A stretch of which was
	// told ends where a line of another kind comes: what was told may be normal for the agent.
	templates, known []string
	// printed is when output came last, pauses counts the gaps in it, and longest is the longest.
	printed time.Time
	pauses  int
	longest time.Duration
	// proven is when a probe was answered well last; zero without one.
	proven time.Time
}

// printedLines takes n lines of output into account. Those that are flagged are told before.
func (u *unresolved) printedLines(n int, now time.Time) {
	if !u.printed.IsZero() {
		u.pauses, u.longest = u.pauses+1, max(u.longest, now.Sub(u.printed))
	}
	u.printed = now
	if u.first.IsZero() {
		return
	}
	u.lines += n
	if u.last.Equal(now) {
		u.tail = 0
		return
	}
	if u.tail += n; u.tail >= resolvedLines {
		u.resolve()
	}
}

// flag takes a line into account that a built-in rule calls a failure.
func (u *unresolved) flag(m heal.Match, template, text string, now time.Time) {
	other := !slices.Contains(u.known, template) && len(u.known) < mostTemplates
	if other {
		u.known = append(u.known, template)
	}
	if u.first.IsZero() || now.Sub(u.last) > resolvedAfter || other && u.told {
		u.resolve()
		u.first, u.same = now, true
	}
	u.same = u.same && (u.flagged == 0 || u.match.Rule == m.Rule)
	if !slices.Contains(u.templates, template) && len(u.templates) < mostTemplates {
		u.templates = append(u.templates, template)
	}
	u.flagged, u.last, u.match, u.text = u.flagged+1, now, m, text
}

// open reports that something is neither resolved nor told.
func (u *unresolved) open() bool { return !u.first.IsZero() && !u.told }

// resolve ends the present stretch.
func (u *unresolved) resolve() {
	*u = unresolved{printed: u.printed, pauses: u.pauses, longest: u.longest, known: u.known, proven: u.proven}
}

// verdict says, once, why what was printed is a failure; empty while nothing agrees with it.
func (u *unresolved) verdict(now time.Time) string {
	if !u.open() {
		return ""
	}
	if !u.proven.IsZero() && now.Sub(u.proven) < provenFor {
		if now.Sub(u.last) > resolvedAfter {
			u.resolve()
		}
		return ""
	}
	why := u.repeated()
	if why == "" {
		why = u.silent(now)
	}
	u.told = why != ""
	return why
}

func (u *unresolved) repeated() string {
	share := float64(u.flagged) / float64(max(u.lines, u.flagged))
	if u.last.Sub(u.first) < repeatedFor || u.flagged < leastRepeated || share < someOf || share < mostOf && !u.same {
		return ""
	}
	return fmt.Sprintf("%d of its last %d lines tell of failures, for %s", u.flagged, max(u.lines, u.flagged), u.last.Sub(u.first).Round(time.Second))
}

func (u *unresolved) silent(now time.Time) string {
	quiet := now.Sub(u.printed)
	usual := u.pauses >= pausesKnown && quiet > silentFactor*u.longest
	if u.tail > silentTail || quiet < silentFor || !usual && (u.pauses >= pausesKnown || quiet < unknownSilence) {
		return ""
	}
	return fmt.Sprintf("it prints nothing for %s after it", quiet.Round(time.Second))
}

// lookUnresolved tells of a failure that output tells of and that something agrees with.
func (a *Agent) lookUnresolved() {
	why := a.unresolved.verdict(time.Now())
	if a.running && a.unresolved.open() {
		a.doubts.Reset(doubtEvery)
	}
	if why == "" || !a.running {
		return
	}
	m := a.unresolved.match
	s := heal.Signal{
		Agent: a.spec.Agent, Run: a.run, Detector: "output", State: heal.Raised, Witness: heal.WitnessText,
		Match: &m, Unresolved: why, Templates: a.unresolved.templates, Text: redact.Kept([]byte(a.unresolved.text), textWidth),
	}
	_, s.Output = a.testimony(nil)
	a.sink.Signal(s)
}
