package ledger

import (
	"time"

	"healer-sidecar/internal/heal"
)

// maxPatterns bounds what is learned; the one unused for longest goes first.
const maxPatterns = 10000

// Prior strengths in pseudo-counts (ENGINE.md 2.14): how many verified outcomes
// the type's record, and the fingerprint's own, need to outweigh what was
// believed before.
const (
	typeStrength        = 6.0
	fingerprintStrength = 4.0
	// typeWeight is how much an outcome counts for its type as a whole.
	typeWeight = 0.5
)

type key struct {
	agent, fingerprint string
	typ                heal.ErrorType
}

// Pattern is what has been learned about one failure of one agent. With an empty
// fingerprint it is the record of the whole type.
type Pattern struct {
	Agent       string                    `json:"agent"`
	Type        heal.ErrorType            `json:"type"`
	Fingerprint string                    `json:"fingerprint,omitempty"`
	Template    string                    `json:"template,omitempty"`
	Last        heal.Stamp                `json:"last"`
	Arms        map[heal.Strategy]*Record `json:"strategies"`
}

// Record counts the verified outcomes of one strategy.
type Record struct {
	Recovered int           `json:"recovered"`
	Relapsed  int           `json:"relapsed"`
	Failed    int           `json:"failed"`
	Unknown   int           `json:"unknown"`
	Took      time.Duration `json:"took"`
}

func (p *Pattern) key() key { return key{p.Agent, p.Fingerprint, p.Type} }

// Bad counts the outcomes that were no recovery; unknown ones are neither.
func (r *Record) Bad() int { return r.Relapsed + r.Failed }

// Mean is the mean time to recovery; zero before the first.
func (r *Record) Mean() time.Duration {
	if r.Recovered == 0 {
		return 0
	}
	return r.Took / time.Duration(r.Recovered)
}

// learn books a lesson under its fingerprint and under its type.
func (l *Ledger) learn(e heal.Event) {
	if e.Lesson == nil {
		return
	}
	for _, fingerprint := range []string{e.Lesson.Fingerprint, ""} {
		p := l.pattern(key{e.Lesson.Agent, fingerprint, e.Lesson.Type})
		p.Last = e.At
		if fingerprint != "" {
			p.Template = e.Lesson.Template
		}
		r, ok := p.Arms[e.Lesson.Strategy]
		if !ok {
			r = &Record{}
			p.Arms[e.Lesson.Strategy] = r
		}
		r.book(*e.Lesson)
	}
}

func (r *Record) book(lesson heal.Lesson) {
	switch lesson.Outcome {
	case heal.Recovered:
		r.Recovered++
		r.Took += lesson.Took
	case heal.Relapsed:
		r.Relapsed++
	case heal.Failed:
		r.Failed++
	default:
		r.Unknown++
	}
}

func (l *Ledger) pattern(k key) *Pattern {
	if p, ok := l.index[k]; ok {
		return p
	}
	if len(l.Patterns) >= maxPatterns {
		l.evict()
	}
	p := &Pattern{Agent: k.agent, Type: k.typ, Fingerprint: k.fingerprint, Arms: map[heal.Strategy]*Record{}}
	l.index[k] = p
	l.Patterns = append(l.Patterns, p)
	return p
}

func (l *Ledger) evict() {
	oldest := 0
	for i, p := range l.Patterns {
		if p.Last.Mono < l.Patterns[oldest].Last.Mono {
			oldest = i
		}
	}
	delete(l.index, l.Patterns[oldest].key())
	l.Patterns[oldest] = l.Patterns[len(l.Patterns)-1]
	l.Patterns = l.Patterns[:len(l.Patterns)-1]
}

// Experience is what the ledger knows about a strategy for one failure.
type Experience struct {
	// Success is the posterior mean of "it works".
	Success float64
	// Trials and Bad count the verified outcomes of this very fingerprint.
	Trials, Bad int
	// Mean is the mean time to recovery; zero when none was seen.
	Mean time.Duration
}

// Experience weighs the prior of a strategy with the outcomes for the agent and
// type, and that with the outcomes of the fingerprint.
func (l *Ledger) Experience(agent string, t heal.ErrorType, fingerprint string, s heal.Strategy) Experience {
	e := Experience{Success: s.Profile().Success}
	if r := l.record(key{agent, "", t}, s); r != nil {
		good, all := typeWeight*float64(r.Recovered), typeWeight*float64(r.Recovered+r.Bad())
		e.Success = (typeStrength*e.Success + good) / (typeStrength + all)
	}
	if r := l.record(key{agent, fingerprint, t}, s); r != nil {
		good, all := float64(r.Recovered), float64(r.Recovered+r.Bad())
		e.Success = (fingerprintStrength*e.Success + good) / (fingerprintStrength + all)
		e.Trials, e.Bad, e.Mean = r.Recovered+r.Bad(), r.Bad(), r.Mean()
	}
	return e
}

func (l *Ledger) record(k key, s heal.Strategy) *Record {
	p, ok := l.index[k]
	if !ok {
		return nil
	}
	return p.Arms[s]
}
