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
	lore beliefs
	// given says that the operator gave an order, which experience only corrects.
	given   bool
	options []heal.Option
}

// newChoice rates every strategy: those that may be used in the order of choice, and
// after them, for the explanation, the others.
func newChoice(in Input) *choice {
	c := &choice{Input: in, lore: recordedBeliefs{in.Past}}
	if in.Past == nil {
		c.lore = currentBeliefs{in.Book, in.Book.Outlook(in.Policy.ClassOf(), in.Diag.Fingerprint, learn.Look{Type: in.Diag.Treated(), Rule: in.Diag.Rule})}
		c.Trust, c.Pinned = c.lore.trust(), c.lore.pinned()
	}
	ladder, given := in.ladder()
	c.given = given
	for _, s := range ladder {
		c.options = append(c.options, c.option(s))
	}
	c.sort()
	for _, p := range heal.Profiles {
		if !slices.Contains(ladder, p.Strategy) {
			o := heal.Option{Strategy: p.Strategy, Why: fmt.Sprintf("not among the strategies for %s", in.Diag.Treated())}
			c.lore.rate(c, &o)
			c.options = append(c.options, o)
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
			return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(irreversible(a), irreversible(b)))
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
	if (c.Diag.Cause == heal.Stopped || c.nudge() != "") && c.Tried[heal.Retry] == 0 { // nothing is milder
		c.bring(heal.Retry)
		return
	}
	c.explore()
}

// irreversible is less for what can be taken back: of two that cost the same, that goes
// first.
func irreversible(o heal.Option) int {
	if o.Strategy.Profile().Undo {
		return 0
	}
	return 1
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
	if p := c.lore.pinned(); c.Tried[p] == 0 {
		return p
	}
	return ""
}

// Places on a ladder that the operator gave.
const first, usual, late, last = 0, 1, 2, 3

// rank puts what has proven itself first and what keeps failing last; escalate
// always closes the ladder.
func (c *choice) rank(o heal.Option) int {
	seen := o.Known
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
	policy := c.Policy
	o := heal.Option{Strategy: s, Risk: Risk(s.Profile().Risk, c.Diag), Tries: c.Tried[s]}
	if s == heal.Escalate {
		o.Success, o.Duration, o.Index = s.Profile().Success, s.Profile().Duration, policy.PersonCost()
	} else {
		c.lore.rate(c, &o)
	}
	if o.Why = c.unfit(s, c.asksToWait()); o.Why != "" {
		return o
	}
	if most, bounded := c.mostTries(s); bounded && o.Tries >= most {
		o.Why = fmt.Sprintf("already tried %d times for this incident", o.Tries)
		return o
	}
	o.Offered, o.Verdicts = true, gate.Evaluate(c.facts(s, o.Risk))
	return o
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
		return []time.Duration{min(defaultWait, c.longest())}
	}
	within := slices.DeleteFunc(slices.Clone(waits), func(w time.Duration) bool { return w > c.longest() })
	if len(within) == 0 { // an operator who allows for so little wants to see whether less will do
		return []time.Duration{c.longest() / 4, c.longest()}
	}
	return within
}

// longest is the longest wait that the operator allows where the evidence names no time.
func (c *choice) longest() time.Duration { return max(c.Policy.Backoff.Base, c.Policy.Backoff.Max) }

// asksToWait reports that the evidence names a time to wait, and that this is believed.
func (c *choice) asksToWait() bool {
	return c.Diag.Wait > 0 && !c.Answered && !c.Running && c.lore.trust() >= believable
}

// believable is how often a named time must have been right.
const believable = 0.5

func (c *choice) action(s heal.Strategy) time.Duration {
	return c.lore.action(c, s)
}

func (c *choice) try(s heal.Strategy, wait time.Duration) learn.Try {
	return learn.Try{Strategy: s, Before: c.Tried[s], Probed: c.Probed, End: c.Elapsed + wait + c.action(s)}
}

// index is the expected loss for each unit of success: for independent attempts, trying
// the least first is optimal (ENGINE.md 2.6).
func (c *choice) index(s heal.Strategy, wait time.Duration, p float64) time.Duration {
	wait = max(wait, c.spacing(s))
	cost := c.Policy.CostOf(s)
	loss := (c.action(s) + wait).Seconds() + p*cost.Good.Seconds() + (1-p)*(cost.Bad+seenAfter).Seconds()
	index := time.Duration(loss / max(p, 1e-6) * float64(time.Second))
	if Free(c.Input, s) { // a person cannot make the time come sooner
		return min(index, c.Policy.PersonCost()-1)
	}
	return index
}
