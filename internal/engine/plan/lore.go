package plan

import (
	"time"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

// beliefs is what is believed about the remedies for a failure.
type beliefs interface {
	// rate finds the chance and the price of a strategy, with the best time to wait.
	rate(c *choice, o *heal.Option)
	// action is how long a strategy takes to act.
	action(c *choice, s heal.Strategy) time.Duration
	// trust is how much a time to wait that the evidence names is believed.
	trust() float64
	// pinned is the strategy that a person wants first.
	pinned() heal.Strategy
	// explore is a strategy that goes first to learn about it; empty for none.
	explore(c *choice) heal.Strategy
	// believed are the kinds of failure that it looks like.
	believed() []heal.Belief
}

// currentBeliefs is what is believed now.
type currentBeliefs struct {
	book    *learn.Book
	outlook learn.Outlook
}

// mostBelieved is how many kinds of failure an explanation names.
const mostBelieved = 3

func (p currentBeliefs) rate(c *choice, o *heal.Option) {
	for i, wait := range c.waitsOf(o.Strategy) {
		chance := p.outlook.Chance(c.try(o.Strategy, wait))
		if c.asksToWait() && o.Strategy == heal.WaitAndRetry {
			chance = chance.Or(p.trust())
		}
		index := c.index(o.Strategy, wait, chance.Mean())
		if i > 0 && index >= o.Index {
			continue
		}
		o.Index, o.Wait, o.Success = index, wait, chance.Mean()
		o.Low, o.High = chance.Interval()
	}
	o.Duration, o.Known = c.action(o.Strategy), p.known(o.Strategy)
}

func (p currentBeliefs) action(c *choice, s heal.Strategy) time.Duration {
	return p.book.Action(s, c.Policy.CostOf(s).Act)
}

func (p currentBeliefs) trust() float64 { return p.outlook.Trust() }

func (p currentBeliefs) pinned() heal.Strategy {
	if known := p.outlook.Pattern(); known != nil {
		return known.Pinned
	}
	return ""
}

// known is how many outcomes of a strategy were seen for this failure.
func (p currentBeliefs) known(s heal.Strategy) (seen float64) {
	if known := p.outlook.Pattern(); known != nil && known.Arms[s] != nil {
		for _, n := range known.Arms[s].Tries {
			seen += n.Good + n.Bad
		}
	}
	return seen
}

func (p currentBeliefs) believed() []heal.Belief { return p.outlook.Likely(mostBelieved) }

// recordedBeliefs is what was believed when a plan was made.
type recordedBeliefs struct{ plan *heal.Plan }

func (p recordedBeliefs) option(s heal.Strategy) heal.Option {
	for _, o := range p.plan.Options {
		if o.Strategy == s && o.Success > 0 {
			return o
		}
	}
	return heal.Option{Strategy: s, Success: s.Profile().Success}
}

func (p recordedBeliefs) rate(c *choice, o *heal.Option) {
	old := p.option(o.Strategy)
	o.Success, o.Low, o.High, o.Wait, o.Known, o.Duration = old.Success, old.Low, old.High, old.Wait, old.Known, c.action(o.Strategy)
	o.Index = c.index(o.Strategy, o.Wait, o.Success)
}

func (p recordedBeliefs) action(c *choice, s heal.Strategy) time.Duration {
	if old := p.option(s); old.Duration > 0 {
		return old.Duration
	}
	return c.Policy.CostOf(s).Act
}

func (p recordedBeliefs) trust() float64          { return p.plan.Basis.Trust }
func (p recordedBeliefs) pinned() heal.Strategy   { return p.plan.Basis.Pinned }
func (p recordedBeliefs) believed() []heal.Belief { return p.plan.Believed }
