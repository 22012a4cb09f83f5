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
	maxEvidence             = 8
)

// Context is what the caller knows about the agent beside the evidence.
type Context struct {
	Critical bool
	Retries  int
}

// scorer collects votes per type.
type scorer struct {
	best map[heal.ErrorType]float64
	sum  map[heal.ErrorType]float64
	whys []heal.Vote
	// known is the heaviest vote of each type that is no guess.
	known map[heal.ErrorType]float64
	// lean is what the wording adds to each type.
	lean map[heal.ErrorType]float64
	// usual are lines that count for nothing, because healthy runs print them.
	usual []string
}

func (t *scorer) add(v heal.Vote) {
	if v.Weight <= 0 {
		return
	}
	t.best[v.Type] = max(t.best[v.Type], v.Weight)
	t.sum[v.Type] += v.Weight
	t.whys = append(t.whys, v)
	if !v.Guess {
		t.known[v.Type] = max(t.known[v.Type], v.Weight)
	}
}

// score is the heaviest vote for a type plus a bounded bonus for agreement and what the wording adds.
func (t *scorer) score(typ heal.ErrorType) float64 {
	best := t.best[typ]
	return best + min(agreement*(t.sum[typ]-best), agreementCap) + t.lean[typ]
}

// Judge weighs all evidence of one failure. It reports heal.Benign when a
// program that is running, or ended well, said nothing that is a failure.
func Judge(e heal.Evidence, ctx Context) heal.Diagnosis {
	t := &scorer{best: map[heal.ErrorType]float64{}, sum: map[heal.ErrorType]float64{}, known: map[heal.ErrorType]float64{}, lean: map[heal.ErrorType]float64{}}
	said, turns := outputOf(e)
	t.usual = usualLines(e)
	for _, v := range aborted(endVotes(e), e.Exit, said) {
		t.add(v)
	}
	for _, r := range e.Readings {
		t.add(readingVote(r))
	}
	for _, v := range e.Findings {
		t.add(v)
	}
	for _, m := range e.Matches {
		w := m.Confidence
		if m.Operator {
			w = heal.OperatorWeight
		}
		t.add(heal.Vote{Type: m.Type, Weight: w, Why: "rule " + m.Rule})
	}
	for _, v := range said {
		if !v.Guess || byItself(e.Exit) || e.Running {
			t.add(v)
		}
	}
	t.leans(e, said)
	t.reclassify(turns)
	return t.verdict(e, said, ctx)
}

// leans adds what the wording says of a run that ended by itself or crashed. Of one that was ended
// from outside it says nothing: what it talked about is not what it died of. Nor does it where
// something else than output tells of a cause, or the line that tells most says which of its type:
// facts and exact words outrank their likeness.
func (t *scorer) leans(e heal.Evidence, said []heal.Vote) {
	facts := len(e.Findings) + len(e.Readings) + len(e.Matches)
	if len(t.usual) > 0 && len(said) == 0 {
		return // it would only follow the words of usual lines
	}
	if facts > 0 || !byItself(e.Exit) && !crashed(e.Exit) || exact(said, e.Output) {
		return
	}
	for _, l := range e.Output.Leanings {
		if stateOf(l, e) != heal.Open {
			return
		}
		if l.Age > 0 {
			l.Weight *= freshness(l)
		}
		t.lean[l.Type] = l.Weight
		t.whys = append(t.whys, l)
	}
}

// exact reports that the line that tells most names its cause.
func exact(said []heal.Vote, o heal.TextEvidence) bool {
	_, named := causes[leadOf(said, o).Rule]
	return named
}

// reclassify applies what the setting of the leading failure says about it.
func (t *scorer) reclassify(turns []heal.Turn) {
	for _, turn := range turns {
		typ, weight := t.winner()
		if weight >= deadThreshold && slices.Contains(turn.Of, typ) {
			t.add(heal.Vote{Type: turn.To, Weight: weight + turn.Over, Why: turn.Why})
		}
	}
}

// byItself reports that a program has ended with a code of its own, not by a signal, and was not
// one that could not be run.
func byItself(e *heal.Exit) bool { return e != nil && e.Signal == "" && e.Code > 0 && e.Code <= 125 }

func readingVote(r heal.Reading) heal.Vote {
	typ, weight := heal.ResourceExhaustion, 0.9
	if r.Resource == heal.CPU || strings.HasPrefix(string(r.Resource), heal.PressureOf) {
		typ, weight = heal.PerformanceDegradation, 0.85
	}
	return heal.Vote{Type: typ, Weight: weight, Why: fmt.Sprintf("%s %s above %s", r.Resource, r.Resource.Amount(r.Value), r.Resource.Amount(r.Limit))}
}

// verdict picks the type with the most weight.
func (t *scorer) verdict(e heal.Evidence, said []heal.Vote, ctx Context) heal.Diagnosis {
	dead := e.Exit.Failed()
	typ, weight := t.winner()
	threshold := heal.LiveThreshold
	if dead {
		threshold = deadThreshold
	}
	if weight < threshold {
		typ, weight = heal.Benign, 1-weight
		if dead {
			typ, weight = heal.Unknown, 0.5
			t.whys = append(t.whys, heal.Vote{Type: heal.Unknown, Weight: 0.5, Why: "nothing in the evidence names a cause"})
		}
	}
	d := heal.Diagnosis{Type: typ, Confidence: t.confidence(typ, weight), Critical: ctx.Critical}
	d.Guessed = typ != heal.Unknown && typ != heal.Benign && t.known[typ] < deadThreshold
	d.Unproven = leftAlone(typ) && !proven(typ, e, said)
	d.Severity = heal.Severity(d.Treated(), ctx.Critical, ctx.Retries)
	if typ == heal.Benign {
		d.Severity = 0
	}
	d.Critical = d.Severity >= heal.CriticalSeverity
	for _, r := range e.Readings {
		d.Resource = r.Resource
	}
	lead := leadOf(said, e.Output)
	d.Rule = lead.Rule
	if len(e.Readings) > 0 && e.Running {
		d.Rule = heal.ByReading
	}
	if k := causes[d.Rule]; k.typ == typ {
		d.Cause = k.cause
	} else if !lasting[d.Rule] && (typ == heal.DependencyFailure || typ == heal.CommunicationError) {
		d.Cause = heal.Outage
	}
	seen(&d, e.Findings)
	if typ.Waits() {
		d.Wait = waitOf(slices.Concat(said, e.Findings), typ)
	}
	if d.Cause == heal.Ports && d.Wait == 0 {
		d.Wait = timeWait
	}
	d.Template = lead.Template
	d.Fingerprint = Fingerprint(typ, d.Template, describeExit(e.Exit))
	d.Evidence, d.Others = t.evidence(e, typ), t.others(typ)
	wants(&d, e.Output.Needs)
	return d
}

// wants takes over what the run could not have: a port only where that is the cause.
func wants(d *heal.Diagnosis, n *heal.Needs) {
	if n == nil {
		return
	}
	needs := *n
	if d.Cause != heal.Busy {
		needs.Ports, needs.Holder = nil, nil
	}
	if needs.Holder != nil {
		d.Evidence = append(d.Evidence, needs.Holder.String())
	}
	if len(needs.Ports)+len(needs.Missing) > 0 {
		d.Needs = &needs
	}
}

// seen takes the cause over that a detector has seen itself.
func seen(d *heal.Diagnosis, findings []heal.Vote) {
	for _, v := range findings {
		if v.Situation != "" && v.Type == d.Type {
			d.Situation = v.Situation
		}
		if v.Cause != "" && v.Type == d.Type {
			d.Cause, d.Because = v.Cause, v.Why
		}
	}
}

// leftAlone reports that an agent which is down with such a failure is not started again.
func leftAlone(t heal.ErrorType) bool {
	return t == heal.ConfigurationError || t == heal.SafetyViolation
}

// timeWait is how long the kernel keeps the port of a closed connection (TIME_WAIT on Linux).
const timeWait = time.Minute

// winner prefers, at equal weight, the earlier type in the documented order.
func (t *scorer) winner() (heal.ErrorType, float64) {
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
func (t *scorer) confidence(typ heal.ErrorType, weight float64) float64 {
	rivals := 0.0
	for _, other := range heal.ErrorTypes {
		if other != typ {
			rivals = max(rivals, t.score(other))
		}
	}
	share := weight / (weight + 0.5*rivals)
	return math.Round(100*min(share*min(weight, 1), 0.99)) / 100
}

func (t *scorer) evidence(e heal.Evidence, typ heal.ErrorType) []string {
	out := []string{}
	if e.Exit != nil {
		out = append(out, "exit: "+describeExit(e.Exit))
	}
	slices.SortStableFunc(t.whys, func(a, b heal.Vote) int {
		if (a.Type == typ) != (b.Type == typ) {
			if a.Type == typ {
				return -1
			}
			return 1
		}
		return int(math.Copysign(1, b.Weight-a.Weight))
	})
	for _, v := range t.whys {
		if len(out) < maxEvidence-len(t.usual) {
			out = append(out, fmt.Sprintf("%s (%s, %.2f)", v.Why, v.Type, min(v.Weight, 1)))
		}
	}
	return append(out, t.usual...)
}

func (t *scorer) others(typ heal.ErrorType) []heal.Candidate {
	var out []heal.Candidate
	for _, other := range heal.ErrorTypes {
		if s := t.score(other); other != typ && s > 0 {
			out = append(out, heal.Candidate{Type: other, Confidence: math.Round(100*min(s, 1)) / 100})
		}
	}
	slices.SortStableFunc(out, func(a, b heal.Candidate) int { return int(math.Copysign(1, b.Confidence-a.Confidence)) })
	return out[:min(len(out), 3)]
}
