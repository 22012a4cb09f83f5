package plan

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/engine/gate"
	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

const (
	// trials outcomes of one fingerprint are needed before experience moves a strategy of
	// a ladder that the operator gave; above proven it comes first, below hopeless last.
	trials           = 3
	proven, hopeless = 0.75, 0.4
	// seenAfter is how long it usually takes to see that a remedy has failed.
	seenAfter = 4 * time.Second
)

// defaultWait is how long wait_and_retry waits where the operator gave the order.
const defaultWait = 30 * time.Second

// waits are the lengths of waiting among which wait_and_retry chooses.
var waits = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 4 * time.Minute}

// choice is one decision in the making.
type choice struct {
	Input
	outlook learn.Outlook
	// given says that the operator gave an order, which experience only corrects.
	given   bool
	options []heal.Option
}

// newChoice rates every strategy: those that may be used in the order of choice, and
// after them, for the explanation, the others.
func newChoice(in Input) *choice {
	c := &choice{Input: in, outlook: in.Book.Outlook(in.Facts.Policy.ClassOf(), in.Diag.Fingerprint, learn.Look{Type: in.Diag.Type, Rule: in.Diag.Rule})}
	policy := in.Facts.Policy
	ladder, given := policy.Ladder(in.Diag.Type)
	c.given = given
	for _, s := range ladder {
		c.options = append(c.options, c.option(s))
	}
	c.sort()
	for _, p := range heal.Profiles {
		if !slices.Contains(ladder, p.Strategy) {
			c.options = append(c.options, heal.Option{Strategy: p.Strategy, Why: fmt.Sprintf("not among the strategies for %s", in.Diag.Type)})
		}
	}
	return c
}

// sort puts what is to be tried first in front.
func (c *choice) sort() {
	if c.given {
		slices.SortStableFunc(c.options, func(a, b heal.Option) int { return c.rank(a) - c.rank(b) })
		return
	}
	slices.SortStableFunc(c.options, func(a, b heal.Option) int {
		if a.Offered == b.Offered {
			return cmp.Compare(a.Index, b.Index)
		}
		if a.Offered {
			return -1
		}
		return 1
	})
	if p := c.pinned(); p != "" {
		c.bring(p)
		return
	}
	c.explore()
}

// bring puts a strategy in front, if it is offered.
func (c *choice) bring(s heal.Strategy) {
	i := slices.IndexFunc(c.options, func(o heal.Option) bool { return o.Strategy == s && o.Offered })
	if i > 0 {
		o := c.options[i]
		c.options = slices.Insert(slices.Delete(c.options, i, i+1), 0, o)
	}
}

// pinned is the strategy that a person wants first for this failure, while it was not
// tried in vain.
func (c *choice) pinned() heal.Strategy {
	if p := c.outlook.Pattern(); p != nil && c.Tried[p.Pinned] == 0 {
		return p.Pinned
	}
	return ""
}

// Places on a ladder that the operator gave.
const first, usual, late, last = 0, 1, 2, 3

// rank puts what has proven itself first and what keeps failing last; escalate
// always closes the ladder.
func (c *choice) rank(o heal.Option) int {
	seen := 0.0
	if p := c.outlook.Pattern(); p != nil && p.Arms[o.Strategy] != nil {
		for _, n := range p.Arms[o.Strategy].Tries {
			seen += n.Good + n.Bad
		}
	}
	switch {
	case o.Strategy == heal.Escalate:
		return last
	case o.Strategy == c.pinned():
		return first - 1
	case math.Round(seen) >= trials && o.Success < hopeless:
		return late
	case math.Round(seen) >= trials && o.Success >= proven:
		return first
	}
	return usual
}

func (c *choice) option(s heal.Strategy) heal.Option {
	policy := c.Facts.Policy
	o := heal.Option{Strategy: s, Risk: Risk(s.Profile().Risk, c.Diag), Tries: c.Tried[s]}
	if s == heal.Escalate {
		o.Success, o.Duration, o.Index = s.Profile().Success, s.Profile().Duration, policy.PersonCost()
	} else {
		c.rate(&o)
	}
	if o.Why = c.unfit(s, c.asksToWait()); o.Why != "" {
		return o
	}
	if o.Tries >= policy.TriesOf(s) {
		o.Why = fmt.Sprintf("already tried %d times for this incident", o.Tries)
		return o
	}
	o.Offered = true
	f := c.Facts
	f.Strategy, f.Risk, f.Free, f.Type, f.Confidence = s, o.Risk, Free(s, c.Diag), c.Diag.Type, c.Diag.Confidence
	o.Verdicts = gate.Evaluate(f)
	return o
}

// rate finds the chance and the price of a strategy, with the best time to wait.
func (c *choice) rate(o *heal.Option) {
	for i, wait := range c.waitsOf(o.Strategy) {
		chance := c.outlook.Chance(c.try(o.Strategy, wait))
		if c.asksToWait() && o.Strategy == heal.WaitAndRetry {
			chance = chance.Or(c.outlook.Trust())
		}
		index := c.index(o.Strategy, max(wait, c.spacing(o.Strategy)), chance.Mean())
		if Free(o.Strategy, c.Diag) { // a person cannot make the time come sooner
			index = min(index, c.Facts.Policy.PersonCost()-1)
		}
		if i > 0 && index >= o.Index {
			continue
		}
		o.Index, o.Wait, o.Success = index, wait, chance.Mean()
		o.Low, o.High = chance.Interval()
	}
	o.Duration = c.action(o.Strategy)
}

// spacing is how long the back-off delays a strategy, beside its own waiting.
func (c *choice) spacing(s heal.Strategy) time.Duration {
	if s == heal.WaitAndRetry {
		return 0
	}
	return c.delay(heal.Option{Strategy: s})
}

func (c *choice) waitsOf(s heal.Strategy) []time.Duration {
	switch {
	case s != heal.WaitAndRetry:
		return []time.Duration{0}
	case c.asksToWait():
		return []time.Duration{c.Diag.Wait}
	case c.Answered:
		return []time.Duration{0}
	case c.given:
		return []time.Duration{defaultWait}
	}
	return waits
}

// asksToWait reports that the evidence names a time to wait, and that this is believed.
func (c *choice) asksToWait() bool {
	return c.Diag.Wait > 0 && !c.Answered && !c.Facts.Running && c.outlook.Trust() >= believable
}

// believable is how often a named time must have been right.
const believable = 0.5

func (c *choice) action(s heal.Strategy) time.Duration {
	return c.Book.Action(s, c.Facts.Policy.CostOf(s).Act)
}

func (c *choice) try(s heal.Strategy, wait time.Duration) learn.Try {
	return learn.Try{Strategy: s, Before: c.Tried[s], Probed: c.Probed, End: c.Elapsed + wait + c.action(s)}
}

// index is the expected loss for each unit of success: for independent attempts, trying
// the least first is optimal (ENGINE.md 2.6).
func (c *choice) index(s heal.Strategy, wait time.Duration, p float64) time.Duration {
	cost := c.Facts.Policy.CostOf(s)
	loss := (c.action(s) + wait).Seconds() + p*cost.Good.Seconds() + (1-p)*(cost.Bad+seenAfter).Seconds()
	return time.Duration(loss / max(p, 1e-6) * float64(time.Second))
}
