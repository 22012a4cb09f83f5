package engine

import (
	"maps"
	"slices"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

// Patterns returns what was learned, for the class of an agent or for all when it is empty.
func (c *Core) Patterns(agent string) []heal.PatternStats {
	class := agent
	if a := c.agents[agent]; a != nil {
		class = a.policy.ClassOf()
	}
	all := []heal.PatternStats{}
	for _, p := range c.ledger.Learned.Patterns {
		if p.Fingerprint != "" && p.Class != learn.Everyone && (agent == "" || p.Class == class) {
			all = append(all, c.patternStats(p))
		}
	}
	return all
}

func (c *Core) patternStats(p *learn.Pattern) heal.PatternStats {
	outlook := c.ledger.Learned.Outlook(p.Class, p.Fingerprint, learn.Look{Type: p.Type})
	s := heal.PatternStats{
		Agent: p.Class, Type: p.Type, Fingerprint: p.Fingerprint, Template: p.Template, Pinned: p.Pinned, Last: p.Last.Wall,
		Outcomes: p.Outcomes, Believed: outlook.Likely(mostBelieved), Told: slices.Sorted(maps.Keys(p.Told)),
		Strategies: map[heal.Strategy]heal.StrategyStats{},
	}
	for _, a := range c.agents {
		if a.policy.ClassOf() == p.Class {
			s.Returned += c.ledger.Agent(a.name).Returned(p.Fingerprint)
		}
	}
	for name, arm := range p.Arms {
		s.Strategies[name] = strategyStats(name, arm, outlook)
	}
	return s
}

// mostBelieved is how many kinds of failure are named.
const mostBelieved = 3

const (
	// fewOutcomes leave a strategy a candidate; trustedFrom is the low end of the chance
	// from which it is trusted, doubtedBelow the mean below which it is not.
	fewOutcomes               = 3
	trustedFrom, doubtedBelow = 0.6, 0.4
)

func strategyStats(name heal.Strategy, arm *learn.Arm, outlook learn.Outlook) heal.StrategyStats {
	t, chance := arm.Totals, outlook.Chance(learn.Try{Strategy: name})
	s := heal.StrategyStats{
		Recovered: t.Recovered, Relapsed: t.Relapsed, Failed: t.Failed, Unknown: t.Unknown, Mean: t.Mean(), Chance: chance.Mean(),
		Standing: "candidate",
	}
	s.Low, s.High = chance.Interval()
	n := t.Recovered + t.Relapsed + t.Failed
	if n > 0 {
		s.SuccessRate = float64(t.Recovered) / float64(n)
	}
	switch {
	case n >= fewOutcomes && s.Chance < doubtedBelow:
		s.Standing = "doubted"
	case n >= fewOutcomes && s.Low >= trustedFrom:
		s.Standing = "trusted"
	}
	return s
}

// hearChunk bounds how much of other hosts' knowledge one record holds.
const hearChunk = 50

// importKnowledge takes in what other hosts have learned.
func (c *Core) importKnowledge(told []heal.Shared) {
	for chunk := range slices.Chunk(told, hearChunk) {
		c.emit(heal.Event{Kind: heal.EventHeard, Shared: chunk}, true)
	}
}
