package classify

import (
	"fmt"
	"slices"
	"strings"

	"healer-sidecar/internal/classify/linear"
	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

const (
	// leaning is what a type that is certain by the wording adds to what rules and the end say, and
	// leastShare how probable a type must be to add anything. Both and harmlessBelow were chosen by
	// cross-validation over whole programs.
	leaning, leastShare = 1.0, 0.03
	// harmlessBelow is the margin below which the text of a living program is taken for harmless,
	// whatever rules find in it; of less than leastWords words there is not enough to judge.
	harmlessBelow, leastWords = -0.35, 5
	// leastSaid words are the fewest that are judged so: a name and its value say nothing.
	leastSaid = 3
	// failingFrom is the margin from which the words of a line alone speak of a failure.
	failingFrom = 0.0
	// failingSurely is the one from which words of work that was done do not count.
	failingSurely = 0.5
	// failingRuled is that margin where a rule finds something that weighs failingRule.
	failingRuled, failingRule = -0.25, 0.3
	// guessLeast is how probable a type must be to be named where a program that lives calls
	// something an error that no rule knows, and guessOver how much that outweighs the rule.
	guessLeast, guessOver = 0.3, 0.1
	// mostNamed words are named in the evidence.
	mostNamed = 6
)

// With is the classifier with another model of wordings.
func (c *Classifier) With(m *linear.Model) *Classifier {
	other := *c
	other.model = m
	return &other
}

// Spoken are the lines that say what happened: frames of a stack only say where, and what was made
// of an error whose cause is named too says less than that.
func Spoken(lines []string) []string {
	lines, _ = unfold(lines)
	return causesOf(lines, rolesOf(lines))
}

// causesOf leaves out frames, and what was made of errors whose cause is named: also the record that
// both are in.
func causesOf(lines []string, roles []role) []string {
	var said []string
	named := slices.Contains(roles, deepest)
	for i, line := range lines {
		if roles[i] != frame && roles[i] != outer && !(named && folded(line)) {
			said = append(said, line)
		}
	}
	return said
}

// leanings are how much the last lines of a dead run and its end, worded as they are, speak for each
// type.
func (c *Classifier) leanings(lines []string, exit *heal.Exit, b *linear.Buffer) []heal.Vote {
	var all []heal.Vote
	for i, share := range c.model.Score(b, lines, exit).Shares() {
		if share >= leastShare {
			all = append(all, heal.Vote{Type: heal.ErrorTypes[i], Weight: leaning * share, Why: c.telling(lines, i), Guess: true})
		}
	}
	slices.SortStableFunc(all, func(a, b heal.Vote) int {
		if a.Weight > b.Weight {
			return -1
		}
		return 1
	})
	return all
}

// telling says by which words lines speak for a type.
func (c *Classifier) telling(lines []string, typ int) string {
	words := c.model.Tellers(lines[max(0, len(lines)-linear.LastLines):], typ, mostNamed)
	if len(words) == 0 {
		return "its wording as a whole"
	}
	return "its words speak of that: " + strings.Join(words, ", ")
}

// guess is the most probable type of a line that a living program calls an error, where no rule
// knows what it means. Over is what it must outweigh.
func (c *Classifier) guess(line string, over float64, b *linear.Buffer) (heal.Vote, bool) {
	shares := c.model.Score(b, []string{line}, nil).Shares()
	best := slices.Index(shares[:], slices.Max(shares[:]))
	typ := heal.ErrorTypes[best]
	if typ == heal.Unknown || shares[best] < guessLeast {
		return heal.Vote{}, false
	}
	why := fmt.Sprintf("no rule knows it; %s", c.telling([]string{line}, best))
	return heal.Vote{Type: typ, Weight: over + guessOver, Why: why, Guess: true}, true
}

// Wording says what the words of a line of a living program alone speak of: of a failure, or of work that
// was done. It is what the course of the output is judged by, not the line.
func (c *Classifier) Wording(line []byte, s *Scratch) (failing, working bool) {
	text := redact.Printable(line, match.MaxLine)
	said := message(text)
	if len(strings.Fields(text)) < leastSaid {
		return false, false
	}
	best := max(c.model.Score(&s.wording, []string{text}, nil)[linear.Failing], c.model.Score(&s.wording, []string{said}, nil)[linear.Failing])
	if best < failingSurely && workDone().MatchString(said) {
		return false, true
	}
	failing = best >= failingFrom || blockedBy().MatchString(said)
	if !failing && best >= failingRuled {
		hits := c.hits([]byte(text), false, failingRule, s)
		failing = len(hits) > 0 && hits[0].weight >= failingRule
	}
	return failing, false
}

// blockedBy are words of one who waits for what somebody else has.
var blockedBy = match.Lazy(`(?i)\b(?:held by|locked by|blocked (?:by|on)|deadlock\w*)\b`)

// workDone are words of work that was done.
var workDone = match.Lazy(`(?i)\b(?:ok|pass(?:ed)?|succe(?:ss|ssful|ssfully|eded)|done|complete[sd]?|finished|stored|saved|written|processed|delivered|indexed|fetched|uploaded|committed|connected|established)\b`)

// Likely is the type that the words of a line speak for most; false where they hardly speak for one.
func (c *Classifier) Likely(line string, s *Scratch) (heal.ErrorType, bool) {
	v, ok := c.guess(line, 0, &s.wording)
	return v.Type, ok
}

// harmless reports that text of a living program is no report of a failure by its wording. What
// counts failures is one, however its like is worded when there are none. What a log puts before a
// message speaks of no failure unless it calls it one.
func (c *Classifier) harmless(lines []string, s *Scratch) bool {
	if len(lines) == 1 {
		s.TakeLower(lines[0])
		if len(strings.Fields(lines[0])) < leastWords || counted.Match(s.Lower(), &s.Scratch) {
			return false
		}
	}
	if c.model.Score(&s.wording, lines, nil)[linear.Failing] < harmlessBelow {
		return true
	}
	if len(lines) != 1 || levelLoud.End([]byte(lines[0]), &s.Scratch) >= 0 {
		return false
	}
	return c.model.Score(&s.wording, []string{message(lines[0])}, nil)[linear.Failing] < harmlessBelow
}
