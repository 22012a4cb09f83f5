package learn

import (
	"math"
	"time"

	"healer-sidecar/internal/heal"
)

// Constants of learning (ENGINE.md 2.14).
const (
	// typeStrength and strength are how many outcomes a prior weighs: that of a type, and
	// that of a fingerprint.
	typeStrength, strength = 6.0, 4.0
	// typeWeight is how much an outcome counts for its type as a whole.
	typeWeight = 0.5
	// Half-lives in outcomes: of the arm that acted, of the others, of a type, and of
	// what is believed about the archetype.
	actingHalf, otherHalf, typeHalf, beliefHalf = 20, 200, 240, 20
	// power is how much of an outcome's log-likelihood is believed, floor the least
	// log-weight that is kept.
	power, floor = 1.0, -12.0
	// surprised is how improbable failures in a row of a trusted arm must be (1 in 100)
	// before the past is forgotten down to keep; trusted is the chance from which it is.
	surprised, keep, trusted = 4.6, 0.2, 0.5
	// noneShare is the prior weight of "none of these".
	noneShare = 0.15
	// mostActions bounds the weight of the mean action time, priorActions is that of the
	// profile's.
	mostActions, priorActions = 50, 3
)

// Counts are fading numbers of verified outcomes.
type Counts heal.Counts

func (c *Counts) fade(half float64) { c.scale(math.Exp2(-1 / half)) }

func (c *Counts) scale(by float64) { c.Good, c.Bad = c.Good*by, c.Bad*by }

func (c *Counts) add(good bool, weight float64) {
	if good {
		c.Good += weight
		return
	}
	c.Bad += weight
}

// book counts an outcome; one that comes late takes back the success that it refutes.
func (c *Counts) book(l heal.Lesson, weight float64) {
	if l.Late {
		c.Good = max(c.Good-weight, 0)
	}
	c.add(l.Outcome == heal.Recovered, weight)
}

// Arm is one strategy against one failure: its first tries and its later ones.
type Arm struct {
	Tries [2]Counts `json:"tries"`
	// Ever are the same and never fade: they are what other hosts may be told.
	Ever [2]Counts `json:"ever"`
	// Totals never fade.
	Totals Totals `json:"totals"`
	// Surprise sums how improbable its latest failures in a row were.
	Surprise float64 `json:"surprise,omitempty"`
}

// Totals count the outcomes of a strategy.
type Totals struct {
	Recovered int `json:"recovered,omitempty"`
	Relapsed  int `json:"relapsed,omitempty"`
	Failed    int `json:"failed,omitempty"`
	Unknown   int `json:"unknown,omitempty"`
	// Took is the time of the recoveries.
	Took time.Duration `json:"took,omitempty"`
}

func (t *Totals) book(l heal.Lesson) {
	switch l.Outcome {
	case heal.Recovered:
		t.Recovered++
		t.Took += l.Took
	case heal.Relapsed:
		t.Relapsed++
		if l.Late && t.Recovered > 0 {
			t.Took -= t.Mean()
			t.Recovered--
		}
	case heal.Failed:
		t.Failed++
	default:
		t.Unknown++
	}
}

// Mean is the mean time to recovery; zero before the first.
func (t Totals) Mean() time.Duration {
	if t.Recovered == 0 {
		return 0
	}
	return t.Took / time.Duration(t.Recovered)
}

// Pattern is what has been learned about one failure of one class of agents. Without a
// fingerprint it is the record of a whole type.
type Pattern struct {
	Class       string         `json:"class,omitempty"`
	Fingerprint string         `json:"fingerprint,omitempty"`
	Type        heal.ErrorType `json:"type"`
	Template    string         `json:"template,omitempty"`
	// Begun is when it was first learned about: the epoch of its counts.
	Begun heal.Stamp `json:"begun"`
	Last  heal.Stamp `json:"last"`
	// Turn is the number of the latest lesson about it, Idle how many days have passed
	// since without another.
	Turn int `json:"turn"`
	Idle int `json:"idle,omitempty"`
	// Outcomes is how many were verified.
	Outcomes int                    `json:"outcomes"`
	Arms     map[heal.Strategy]*Arm `json:"arms"`
	// Weights are the log-weights of the archetypes, and of none of them.
	Weights []float64 `json:"weights,omitempty"`
	// Promises counts the times to wait that the evidence named and that were kept, or
	// were not.
	Promises Counts `json:"promises,omitzero"`
	// Lasted is the fading mean of how long a remedy lasted that did not hold.
	Lasted time.Duration `json:"lasted,omitempty"`
	// Pinned is the strategy that a person wants first; empty for none.
	Pinned heal.Strategy `json:"pinned,omitempty"`
	// Told is what other hosts have learned, by origin.
	Told map[string]heal.Shared `json:"told,omitempty"`
	// Doubt is how often we were surprised since: what was told is believed less each time.
	Doubt int `json:"doubt,omitempty"`
}

func (p *Pattern) arm(s heal.Strategy) *Arm {
	a := p.Arms[s]
	if a == nil {
		a = &Arm{}
		p.Arms[s] = a
	}
	return a
}

// counts are those of an arm; none for one that was never used.
func (p *Pattern) counts(s heal.Strategy, bucket int) Counts {
	if p == nil || p.Arms[s] == nil {
		return Counts{}
	}
	return p.Arms[s].Tries[bucket]
}

// fade lets the arm that acted forget fast and the others slowly, or hopeless ones would
// soon look fresh again.
func (p *Pattern) fade(acted heal.Strategy, bucket int, acting, others float64) {
	for s, a := range p.Arms {
		half := others
		if s == acted {
			half = acting
		}
		a.Tries[bucket].fade(half)
	}
}

// forget scales all that was learned down: the world has changed.
func (p *Pattern) forget(to float64) {
	p.Doubt++
	for i := range p.Weights {
		p.Weights[i] *= to
	}
	for _, a := range p.Arms {
		a.Surprise = 0
		for i := range a.Tries {
			a.Tries[i].scale(to)
		}
	}
}
