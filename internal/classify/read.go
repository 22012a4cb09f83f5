package classify

import (
	"fmt"
	"strings"
	"time"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

const (
	// recency is the loss per line of distance from the last line of a dead
	// program: its last words count more than what it said earlier.
	recency, recencyFloor = 0.006, 0.85
	// calmLines are how many lines without a failure say that a run went on after one, which
	// factorLivedThrough then discounts.
	calmLines, factorLivedThrough = 4, 0.85
	// tellingWeight is that of a line that names a cause.
	tellingWeight = 0.75
	// leastFrames are a stack, headlessWeight its vote where nothing else names a cause.
	leastFrames, headlessWeight = 5, 0.5
	// hitsPerLine bounds the rules of one line that vote.
	hitsPerLine = 3
)

// Read takes down what the last lines of a program say. A failed exit tells the last words
// of a dead run from the talk of one that lives (nil); now is the wall clock, for
// lines that name a moment.
func (c *Classifier) Read(lines []string, exit *heal.Exit, now time.Time) heal.TextEvidence {
	dead := exit.Failed()
	r := reading{dead: dead}
	lines, r.origin = unfold(lines)
	roles := rolesOf(lines)
	for i, line := range lines {
		r.line(c, line, roles[i], len(lines)-1-i)
	}
	r.yield(lines)
	said := causesOf(lines, roles)
	if !dead && len(r.votes) > 0 && (r.settled || c.harmless(said, &r.scratch)) {
		r.settle()
	}
	if v, ok := repeats(lines); ok {
		r.votes = append(r.votes, v)
		r.leads(v.Weight, lines[len(lines)-1])
	}
	if !r.named {
		r.unnamed(c, roles, lines)
	}
	lead := r.lead
	if lead == "" && dead && len(lines) > 0 {
		lead = lines[len(lines)-1]
	}
	t := heal.TextEvidence{Votes: r.votes, Template: Template(redact.Printable([]byte(strings.TrimSpace(lead)), match.MaxLine))}
	t.Rule, t.Needs = r.rule, r.wants()
	if dead {
		t.Leanings = c.leanings(said, exit, &r.scratch.wording)
	}
	if r.lead != "" {
		t.Turns = turnsOf(lines, r.lead)
	}
	r.waits(lines, now)
	return t
}

// whyWidth is how much of a line is evidence for people.
const whyWidth = 120

// cut is at most the first bytes of a text, without half a rune.
func cut(text string, limit int) string { return strings.ToValidUTF8(text[:min(len(text), limit)], "") }

// later is how many lines came after one, of which left follow as they are read.
func (r *reading) later(left int) int {
	n := len(r.origin)
	return r.origin[n-1] - r.origin[n-1-left]
}

// Evidence is what is known of a dead run, or with a nil exit of a living one, by its last lines
// alone.
func (c *Classifier) Evidence(exit *heal.Exit, lines []string, now time.Time) heal.Evidence {
	return heal.Evidence{Exit: exit, Running: exit == nil, Output: c.Read(Condense(lines, EvidenceLines), exit, now)}
}

// unnamed says what can be said where no rule knows more than that something failed: of a
// living program only what kind of failure it is that a line called an error.
func (r *reading) unnamed(c *Classifier, roles []role, lines []string) {
	if r.dead {
		r.headless(roles, lines)
		return
	}
	if r.weight < heal.LiveThreshold {
		return
	}
	if v, ok := c.guess(r.lead, r.weight, &r.scratch.wording); ok {
		r.votes = append(r.votes, v)
	}
}

// headless votes for a stack whose head, which names the failure, is out of sight.
func (r *reading) headless(roles []role, lines []string) {
	frames := 0
	for i, role := range roles {
		if role == frame && strings.TrimSpace(lines[i]) != "" {
			frames++
		}
	}
	if frames > len(lines)/2 && frames >= leastFrames {
		r.votes = append(r.votes, heal.Vote{Type: heal.ExecutionFailure, Weight: headlessWeight, Why: fmt.Sprintf("%d lines of a stack", frames), Template: Template(lines[0])})
		r.leads(headlessWeight, lines[0])
	}
}

// reading is the state of Read.
type reading struct {
	dead    bool
	talk    conversation
	scratch Scratch
	votes   []heal.Vote
	// lead is the line that carried the heaviest vote.
	lead   string
	weight float64
	// rule is the one that it matched.
	rule string
	// origin says from which line each was taken that is read, places where the votes are from.
	origin, places []int
	// reports are the reports that the votes belong to.
	reports reportVotes
	// calm counts the lines since the last one that tells of a failure.
	calm int
	// named says that a rule spoke that knows more than that something failed.
	named bool
	// needed is what the run said it could not have.
	needed heal.Needs
	// settled says that one of the last two lines tells that the trouble is over.
	settled bool
}

// line lets the rules that match a line vote; left is how many lines follow.
func (r *reading) line(c *Classifier, line string, role role, left int) {
	if !r.dead && r.talk.holds(line) {
		return
	}
	if left < 2 && !r.dead && r.endsWell(line) {
		r.settled = true
	}
	hits := r.byName(c, line, role, c.hits([]byte(line), r.dead, 0, &r.scratch))
	if strings.TrimSpace(line) != "" {
		r.reports.line(role, len(hits) > 0)
	}
	r.wentOn(line, role, hits)
	for i, h := range hits {
		if i >= hitsPerLine {
			break
		}
		w := h.weight * role.factor()
		if r.dead {
			w *= max(1-recency*float64(left), recencyFloor)
		}
		if h.rule.Operator {
			w = heal.OperatorWeight
		}
		if w > r.weight {
			r.rule = h.rule.Name
		}
		r.named = r.named || !h.rule.Vague
		said := redact.Printable([]byte(strings.TrimSpace(line)), match.MaxLine)
		r.votes = append(r.votes, heal.Vote{
			Type: h.rule.Type, Weight: w, Why: fmt.Sprintf("rule %s: %s", h.rule.Name, cut(said, whyWidth)), Guess: r.dead && h.rule.Guess,
			Rule: h.rule.Name, Template: Template(said), Later: r.later(left),
		})
		if r.dead && !h.rule.Operator {
			r.needs(said, h.rule.Name)
		}
		r.places = append(r.places, len(r.origin)-1-left)
		r.reports.add(h.rule, role, w, len(r.votes)-1)
		r.leads(w, line)
	}
}

// wentOn discounts what was told before a dead run went on for some lines, when something
// else is told afterwards: what it lived through is hardly what it died of.
func (r *reading) wentOn(line string, role role, hits []hit) {
	switch {
	case !r.dead || role != alone || strings.TrimSpace(line) == "":
	case len(hits) == 0:
		r.calm++
	case hits[0].weight >= tellingWeight:
		if r.calm >= calmLines {
			for i := range r.votes {
				r.votes[i].Weight *= factorLivedThrough
			}
			r.weight *= factorLivedThrough
		}
		r.calm = 0
	}
}

// endsWell reports that a line tells that the trouble is over.
func (r *reading) endsWell(line string) bool {
	s := &r.scratch.Scratch
	s.TakeLower(line)
	return settled.Match(s.Lower(), s) || passed().Match(s.Lower())
}

func (r *reading) leads(weight float64, line string) {
	if weight > r.weight {
		r.lead, r.weight = line, weight
	}
}

// settle discounts everything: the last words of a living program were that the
// trouble is over, or its words as a whole tell of none. What the operator's rules say stays.
func (r *reading) settle() {
	for i := range r.votes {
		if r.votes[i].Weight < heal.OperatorWeight {
			r.votes[i].Weight *= factorSettled
		}
	}
}
