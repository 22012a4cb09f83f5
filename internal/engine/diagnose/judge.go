package diagnose

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// deadThreshold is the least weight that names a cause after a failed exit;
	// below it the failure is unknown rather than guessed.
	deadThreshold = 0.3
	// agreement is what further evidence for the same type adds, per unit of
	// weight, and agreementCap the most it can add: many weak lines must not
	// outvote one specific line.
	agreement, agreementCap = 0.08, 0.2
	// recency is the loss per line of distance from the last line of a dead
	// program: its last words count more than what it said earlier.
	recency, recencyFloor = 0.006, 0.85
	maxEvidence           = 8
)

// Context is what the caller knows about the agent beside the evidence.
type Context struct {
	Critical bool
	Retries  int
	// Now is the wall clock at the judgement, for evidence that names a moment.
	Now time.Time
}

// tally collects votes per type.
type tally struct {
	best  map[heal.ErrorType]float64
	sum   map[heal.ErrorType]float64
	whys  []vote
	lead  string // the line that carried the heaviest vote
	leadW float64
}

func newTally() *tally {
	return &tally{best: map[heal.ErrorType]float64{}, sum: map[heal.ErrorType]float64{}}
}

func (t *tally) add(v vote, line string) {
	if v.weight <= 0 {
		return
	}
	t.best[v.typ] = max(t.best[v.typ], v.weight)
	t.sum[v.typ] += v.weight
	t.whys = append(t.whys, v)
	if line != "" && v.weight > t.leadW {
		t.lead, t.leadW = line, v.weight
	}
}

// score is the heaviest vote for a type plus a bounded bonus for agreement.
func (t *tally) score(typ heal.ErrorType) float64 {
	best := t.best[typ]
	return best + min(agreement*(t.sum[typ]-best), agreementCap)
}

// Judge weighs all evidence of one failure. It reports heal.Benign when a
// program that is running, or ended well, said nothing that is a failure.
func (c *Classifier) Judge(e heal.Evidence, ctx Context) heal.Diagnosis {
	dead := failing(e.Exit)
	t := newTally()
	for _, v := range exitVotes(e.Exit) {
		t.add(v, "")
	}
	for _, r := range e.Readings {
		t.add(readingVote(r), "")
	}
	for _, m := range e.Matches {
		w := m.Confidence
		if m.Operator {
			w = 2
		}
		t.add(vote{m.Type, w, "rule " + m.Rule}, "")
	}
	if !wellEnded(e.Exit) {
		c.readLines(t, e.Lines, dead)
		t.repeats(e.Lines)
		t.combine(e.Lines)
	}
	return t.verdict(e, ctx, dead)
}

// readLines adds the votes of the output, line by line.
func (c *Classifier) readLines(t *tally, lines []string, dead bool) {
	var s Scratch
	var talk conversation
	settledAt := -1
	for i, line := range lines {
		if talk.holds(line) && !dead {
			continue
		}
		hits := c.hits([]byte(line), dead, &s)
		if !dead && settled().MatchString(strings.ToLower(line)) {
			settledAt = i
		}
		for j, h := range hits {
			if j >= 3 {
				break
			}
			w := h.weight
			if dead {
				w *= max(1-recency*float64(len(lines)-1-i), recencyFloor)
			}
			if h.rule.Operator {
				w = 2
			}
			t.add(vote{h.rule.Type, w, fmt.Sprintf("rule %s: %s", h.rule.Name, Printable([]byte(strings.TrimSpace(line)), 120))}, line)
		}
	}
	if settledAt >= 0 && settledAt >= len(lines)-2 {
		t.settle()
	}
}

// settle discounts everything: the last words of a living program were that the
// trouble is over.
func (t *tally) settle() {
	for typ := range t.best {
		t.best[typ] *= factorSettled
		t.sum[typ] *= factorSettled
	}
}

func readingVote(r heal.Reading) vote {
	typ, weight := heal.ResourceExhaustion, 0.9
	if r.Resource == heal.CPU {
		typ, weight = heal.PerformanceDegradation, 0.85
	}
	return vote{typ, weight, fmt.Sprintf("%s %s above %s", r.Resource, amount(r.Resource, r.Value), amount(r.Resource, r.Limit))}
}

func amount(r heal.Resource, v float64) string {
	switch r {
	case heal.Memory:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	case heal.CPU, heal.Disk:
		return fmt.Sprintf("%.0f %%", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// verdict picks the type with the most weight.
func (t *tally) verdict(e heal.Evidence, ctx Context, dead bool) heal.Diagnosis {
	typ, weight := t.winner()
	threshold := liveThreshold
	if dead {
		threshold = deadThreshold
	}
	if weight < threshold {
		typ, weight = heal.Benign, 1-weight
		if dead {
			typ, weight = heal.Unknown, 0.5
			t.whys = append(t.whys, vote{heal.Unknown, 0.5, "nothing in the evidence names a cause"})
		}
	}
	d := heal.Diagnosis{Type: typ, Confidence: t.confidence(typ, weight), Critical: ctx.Critical}
	d.Severity = heal.Severity(typ, ctx.Critical, ctx.Retries)
	if typ == heal.Benign {
		d.Severity = 0
	}
	d.Critical = d.Severity >= heal.CriticalSeverity
	for _, r := range e.Readings {
		d.Resource = r.Resource
	}
	if wait, ok := WaitIn(e.Lines, ctx.Now); ok && waits(typ) {
		d.Wait = wait
	}
	lead := t.lead
	if lead == "" && len(e.Lines) > 0 && dead {
		lead = e.Lines[len(e.Lines)-1]
	}
	d.Template = Template(Printable([]byte(strings.TrimSpace(lead)), maxWindow))
	d.Fingerprint = Fingerprint(typ, d.Template, describeExit(e.Exit))
	d.Evidence, d.Others = t.evidence(e, typ), t.others(typ)
	return d
}

// waits lists the types for which a time named in the evidence is a time to wait.
func waits(t heal.ErrorType) bool {
	return t == heal.DependencyFailure || t == heal.ResourceExhaustion || t == heal.CommunicationError
}

// winner prefers, at equal weight, the earlier type in the documented order.
func (t *tally) winner() (heal.ErrorType, float64) {
	best, weight := heal.Unknown, 0.0
	for _, typ := range heal.ErrorTypes {
		if s := t.score(typ); s > weight+1e-9 {
			best, weight = typ, s
		}
	}
	return best, weight
}

// confidence is the winner's share against its rivals, scaled by how strong the
// evidence was at all, in (0,1).
func (t *tally) confidence(typ heal.ErrorType, weight float64) float64 {
	rivals := 0.0
	for _, other := range heal.ErrorTypes {
		if other != typ {
			rivals = max(rivals, t.score(other))
		}
	}
	share := weight / (weight + 0.5*rivals)
	return math.Round(100*min(share*min(weight, 1), 0.99)) / 100
}

func (t *tally) evidence(e heal.Evidence, typ heal.ErrorType) []string {
	out := []string{}
	if e.Exit != nil {
		out = append(out, "exit: "+describeExit(e.Exit))
	}
	slices.SortStableFunc(t.whys, func(a, b vote) int {
		if (a.typ == typ) != (b.typ == typ) {
			if a.typ == typ {
				return -1
			}
			return 1
		}
		return int(math.Copysign(1, b.weight-a.weight))
	})
	for _, v := range t.whys {
		if len(out) < maxEvidence {
			out = append(out, fmt.Sprintf("%s (%s, %.2f)", v.why, v.typ, v.weight))
		}
	}
	return out
}

func (t *tally) others(typ heal.ErrorType) []heal.Candidate {
	var out []heal.Candidate
	for _, other := range heal.ErrorTypes {
		if s := t.score(other); other != typ && s > 0 {
			out = append(out, heal.Candidate{Type: other, Confidence: math.Round(100*min(s, 1)) / 100})
		}
	}
	slices.SortStableFunc(out, func(a, b heal.Candidate) int { return int(math.Copysign(1, b.Confidence-a.Confidence)) })
	return out[:min(len(out), 3)]
}
