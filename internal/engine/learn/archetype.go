package learn

import (
	"math"
	"time"

	"healer-sidecar/internal/heal"
)

// Archetype is a usual way to fail: which remedies help, how much less each repeat helps,
// and how long it takes to heal by itself, if it does.
type Archetype struct {
	Name string
	// Types says how often such a failure shows as a type.
	Types map[heal.ErrorType]float64
	// Says are the rules that lines of such a failure match.
	Says []string
	// Success is the chance of a first try; unlikely for strategies that are not named.
	Success map[heal.Strategy]float64
	// Repeat is the factor by which each further try of the same helps less.
	Repeat float64
	// Heals is nil for one that does not heal by itself.
	Heals *Law
	// Seldom marks one that is hardly thought of unless its words are said.
	Seldom bool
}

// Law is a lognormal time to heal.
type Law struct {
	Median time.Duration
	Sigma  float64
}

// by is the chance that it is over after a time.
func (l *Law) by(t time.Duration) float64 {
	if t <= 0 {
		return 0
	}
	z := math.Log(t.Seconds()/l.Median.Seconds()) / l.Sigma
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}

// over is the chance that it was over by `to`, given that it was not at `from`.
func (l *Law) over(from, to time.Duration) float64 {
	before := l.by(from)
	if before >= 1-1e-9 {
		return 1
	}
	return (l.by(to) - before) / (1 - before)
}

// Try is one remedy at one moment of an incident.
type Try struct {
	Strategy heal.Strategy
	// Before is how often the incident tried it already.
	Before int
	// Probed is when the cause was last found to be still there, End when the remedy will
	// have been tried, both since the beginning of the incident.
	Probed, End time.Duration
}

// bucket tells a first try from a later one: they are different arms.
func (t Try) bucket() int { return min(t.Before, 1) }

const leastChance, mostChance = 0.01, 0.98

// chance that a try works if the failure is of this kind. What would have healed by
// itself meanwhile is counted, so that it is not credited to the remedy later.
func (a *Archetype) chance(t Try) float64 {
	p, ok := a.Success[t.Strategy]
	if !ok {
		p = unlikely
	}
	p *= math.Pow(a.Repeat, float64(t.Before))
	if a.Heals != nil && t.Strategy.OnlyRuns() {
		p = 1 - (1-p)*(1-a.Heals.over(t.Probed, t.End))
	}
	return min(max(p, leastChance), mostChance)
}
