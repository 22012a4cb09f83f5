// Package unresolved judges from the course of an agent's output whether a line that looks like a failure is
// one: by what comes after it, not by the line. It is pure.
package unresolved

import (
	"fmt"
	"slices"
	"time"

	"healer-sidecar/internal/detect/steps"
	"healer-sidecar/internal/heal"
)

// A line that a built-in rule calls a failure is an observation, and so is one whose wording speaks of one.
// It becomes a reason to call people when something agrees with it: messages like it are most of what the
// agent prints for a while, its usual work is gone since, its steps lead nowhere, or it falls silent.
const (
	// repeatedFor is how long messages of failures must go on, leastRepeated how many there must be.
	// They must be mostOf of all, or someOf for those that one rule flags.
	repeatedFor, leastRepeated = 25 * time.Second, 3
	mostOf, someOf             = 0.5, 0.3
	// For longer, onlyFor, and more of them, leastOnly, fewOf is enough where nothing tells of work; of messages
	// whose wording alone speaks of a failure it takes onlyOf, and there mostOf.
	onlyFor, leastOnly, onlyOf, fewOf = 40 * time.Second, 6, 0.7, 0.22
	// workIs is how many other messages one counts for that tells of work that was done.
	workIs = 3
	// retryingFor is how long an agent may go on that keeps a schedule of its own: pauses that grow by
	// growth, or a count of attempts that is not used up.
	retryingFor, growth = 50 * time.Second, 1.1
	// silentFor is the least silence behind such a line, silentFactor how many times it must be
	// longer than the longest pause before. Where no pauses are known it takes unknownSilence.
	silentFor, silentFactor, unknownSilence = 30 * time.Second, 5, 45 * time.Second
	pausesKnown, rhythmKnown                = 5, 10
	// silentTail is how many messages may come between the line and the silence.
	silentTail = 2
	// resolvedLines normal messages in a row end it, and so does resolvedAfter without another one.
	resolvedLines, resolvedAfter = 10, 2 * time.Minute
	// mostTemplates bounds how many templates of lines are told apart.
	mostTemplates = 8
	// provenFor is how long an answer to a probe outweighs such lines: the agent serves while it
	// prints them.
	provenFor = 30 * time.Second
)

// Doubt says what the wording of a message alone speaks of: a failure, or work that was done.
type Doubt int

// What wording may speak of.
const (
	Neutral Doubt = iota
	Failing
	Working
)

// Judge follows the output of one run. Its zero value is ready.
type Judge struct {
	// first and last are when messages of failures came in the present stretch; zero for none.
	first, last time.Time
	// flagged are those that rules flag, doubtful those whose wording speaks of a failure, both out of all
	// messages since; tail is how many came behind the last of them, worked how many tell of work.
	flagged, doubtful, messages, tail, worked int
	// rules counts the flagged ones by their rule, bounded.
	rules map[string]int
	// match and text are of the latest of them, told says that people know.
	match *heal.Match
	text  string
	told  bool
	// flags are the lines of the present block that rules flag.
	flags []flag
	// templates are those of the present stretch, known those of the whole run. A stretch of which was
	// told ends where a line of another kind comes: what was told may be normal for the agent.
	templates, known []string
	// printed is when output came last, pauses counts the gaps in it, and longest is the longest.
	printed time.Time
	pauses  int
	longest time.Duration
	// proven is when a probe was answered well last; zero without one.
	proven time.Time
	kinds  kinds
	buffer []message
	retry  retry
	// walk judges the steps of the present stretch, stuck is what is wrong with them.
	walk    steps.Judge
	stuck   string
	stepped time.Time
}

// flag is a line that a rule flags.
type flag struct {
	kind  uint64
	match heal.Match
	text  string
	// template is its masked form.
	template string
}

// Proven says that a probe was answered well.
func (j *Judge) Proven(now time.Time) { j.proven = now }

// Flag takes a line of the block that is printed next into account, which a built-in rule calls a failure.
// Text is what may be kept of it.
func (j *Judge) Flag(m heal.Match, template string, line []byte, text string) {
	if len(j.flags) < mostLooked {
		j.flags = append(j.flags, flag{kind: kindOf(line), match: m, text: text, template: template})
	}
}

// Printed takes a block of whole lines into account. Doubt is asked about the first message of each kind.
func (j *Judge) Printed(block []byte, doubt func(message []byte) Doubt, now time.Time) {
	if !j.printed.IsZero() {
		j.pauses, j.longest = j.pauses+1, max(j.longest, now.Sub(j.printed))
	}
	j.printed = now
	for _, m := range j.messagesOf(block) {
		j.message(m, doubt, now)
	}
	j.flags = j.flags[:0]
}

// message takes one into account.
func (j *Judge) message(m message, doubt func([]byte) Doubt, now time.Time) {
	k := j.kinds.find(m.kind, now)
	if k.count == 0 && m.flag == nil {
		k.doubt = doubt(m.text)
	}
	if k.saw(now); m.flag != nil {
		k.doubt = Failing
	}
	if k.doubt == Failing {
		j.failing(m, k, now)
		return
	}
	if j.first.IsZero() {
		return
	}
	j.messages++
	if k.doubt == Working {
		j.worked++
	}
	j.step(m, now)
	if j.tail++; j.tail >= resolvedLines {
		j.resolve()
	}
}

// failing takes a message of a failure into account.
func (j *Judge) failing(m message, k *kind, now time.Time) {
	other := false
	if m.flag != nil {
		if other = !slices.Contains(j.known, m.flag.template) && len(j.known) < mostTemplates; other {
			j.known = append(j.known, m.flag.template)
		}
	}
	if j.first.IsZero() || now.Sub(j.last) > resolvedAfter || other && j.told {
		j.resolve()
		j.first = now
		j.kinds.begin()
	}
	j.retry.again(m.text, now)
	j.messages, j.tail, j.last = j.messages+1, 0, now
	j.step(m, now)
	if m.flag == nil {
		if j.doubtful++; j.flagged == 0 {
			j.text = string(m.text)
		}
		return
	}
	if j.rules == nil {
		j.rules = map[string]int{}
	}
	if rule := m.flag.match.Rule; len(j.rules) < mostTemplates || j.rules[rule] > 0 {
		j.rules[rule]++
	}
	if !slices.Contains(j.templates, m.flag.template) && len(j.templates) < mostTemplates {
		j.templates = append(j.templates, m.flag.template)
	}
	match := m.flag.match // the flags are reused
	j.flagged, j.match, j.text = j.flagged+1, &match, m.flag.text
}

// Open reports that something is neither resolved nor told.
func (j *Judge) Open() bool { return !j.first.IsZero() && !j.told }

// Latest is the line that tells most: what a rule says of it, nil where only its wording speaks, its text,
// and the templates of the stretch.
func (j *Judge) Latest() (m *heal.Match, text string, templates []string) {
	return j.match, j.text, j.templates
}

// resolve ends the present stretch.
func (j *Judge) resolve() {
	*j = Judge{
		printed: j.printed, pauses: j.pauses, longest: j.longest, known: j.known, proven: j.proven,
		kinds: j.kinds, flags: j.flags, buffer: j.buffer,
	}
}

// Verdict says, once, why what was printed is a failure; empty while nothing agrees with it.
func (j *Judge) Verdict(now time.Time) string {
	if !j.Open() {
		return ""
	}
	if !j.proven.IsZero() && now.Sub(j.proven) < provenFor {
		if now.Sub(j.last) > resolvedAfter {
			j.resolve()
		}
		return ""
	}
	for _, why := range []string{j.repeated(now), j.goneWork(now), j.nowhere(), j.silent(now)} {
		if why != "" {
			j.told = true
			return why
		}
	}
	return ""
}

// lasted is for how long messages of failures have come.
func (j *Judge) lasted() time.Duration { return j.last.Sub(j.first) }

// patience is how long they may come: longer from an agent that tries again by a schedule of its own.
func (j *Judge) patience(now time.Time) time.Duration {
	if j.retry.scheduled(now) {
		return retryingFor
	}
	return repeatedFor
}

// share is how much of the output n messages are. Work that was done counts more than a line of talk.
func (j *Judge) share(n int) float64 {
	return float64(n) / float64(max(j.messages+(workIs-1)*j.worked, n, 1))
}

func (j *Judge) repeated(now time.Time) string {
	same := 0
	for _, n := range j.rules {
		same = max(same, n)
	}
	enough := j.share(j.flagged) >= mostOf || j.share(same) >= someOf ||
		j.worked == 0 && j.lasted() >= onlyFor && same >= leastOnly && j.share(same) >= fewOf
	if j.lasted() < j.patience(now) || j.flagged < leastRepeated || !enough {
		return ""
	}
	return fmt.Sprintf("%d of its last %d messages tell of failures, for %s", j.flagged, max(j.messages, j.flagged), j.lasted().Round(time.Second))
}

// goneWork tells of doubtful messages that came in the place of what it usually prints.
func (j *Judge) goneWork(now time.Time) string {
	n := j.flagged + j.doubtful
	if j.lasted() < j.patience(now) || n < leastRepeated || j.share(n) < someOf {
		return ""
	}
	gone, regular := j.kinds.gone(j.first, now)
	if j.lasted() >= onlyFor && n >= leastOnly && (j.share(n) >= onlyOf || !regular && j.worked == 0 && j.share(n) >= mostOf) {
		return fmt.Sprintf("%d of its last %d messages speak of a failure, for %s", n, max(j.messages, n), j.lasted().Round(time.Second))
	}
	if gone == 0 {
		return ""
	}
	return fmt.Sprintf("what it printed regularly is gone for %s, and %d of its last %d messages speak of a failure", gone.Round(time.Second), n, max(j.messages, n))
}

// nowhere tells of steps that repeat and fail.
func (j *Judge) nowhere() string {
	if j.stuck == "" || j.lasted() < repeatedFor || j.flagged+j.doubtful < leastRepeated {
		return ""
	}
	return fmt.Sprintf("its steps lead nowhere for %s: %s", j.lasted().Round(time.Second), j.stuck)
}

func (j *Judge) silent(now time.Time) string {
	quiet := now.Sub(j.printed)
	usual := j.pauses >= pausesKnown && quiet > silentFactor*j.longest
	if j.flagged == 0 { // wording alone: the agent must have had a rhythm
		usual = j.pauses >= rhythmKnown && quiet > 2*silentFactor*j.longest
	}
	unknown := j.flagged > 0 && j.pauses < pausesKnown && quiet >= unknownSilence
	if j.tail > silentTail || quiet < silentFor || !usual && !unknown {
		return ""
	}
	return fmt.Sprintf("it prints nothing for %s after it", quiet.Round(time.Second))
}
