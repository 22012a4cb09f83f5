package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

// maxPatterns bounds what is learned; the one unused for longest goes first.
const maxPatterns = 10000

// Book is all that was learned. It belongs to the ledger.
type Book struct {
	Patterns []*Pattern `json:"patterns,omitempty"`
	// Seconds is the mean time that a strategy takes to act.
	Seconds map[heal.Strategy]*Mean `json:"seconds,omitempty"`
	// Promises are those of all failures together.
	Promises Counts `json:"promises,omitzero"`
	// Turn is the number of lessons so far, Day when it was last looked for stale patterns.
	Turn  int        `json:"turn"`
	Day   heal.Stamp `json:"day,omitzero"`
	index map[key]*Pattern
}

// Mean is a mean of bounded weight, so that it follows the present.
type Mean struct {
	Value  float64 `json:"value"`
	Weight float64 `json:"weight"`
}

type key struct{ class, fingerprint string }

// typeKey is the record of a whole type, of all classes.
func typeKey(t heal.ErrorType) key { return key{"", string(t)} }

func (p *Pattern) key() key {
	if p.Fingerprint == "" {
		return typeKey(p.Type)
	}
	return key{p.Class, p.Fingerprint}
}

// Prepare must be called after a book was decoded, and before a new one is used.
func (b *Book) Prepare() {
	b.Patterns = slices.DeleteFunc(b.Patterns, func(p *Pattern) bool { return p == nil }) // who edited the file by hand
	b.index = make(map[key]*Pattern, len(b.Patterns))
	for _, p := range b.Patterns {
		if p.Arms == nil {
			p.Arms = map[heal.Strategy]*Arm{}
		}
		maps.DeleteFunc(p.Arms, func(_ heal.Strategy, a *Arm) bool { return a == nil })
		if len(p.Weights) != len(Library)+1 {
			p.Weights = nil // of another library
		}
		b.index[p.key()] = p
	}
	if b.Seconds == nil {
		b.Seconds = map[heal.Strategy]*Mean{}
	}
	maps.DeleteFunc(b.Seconds, func(_ heal.Strategy, m *Mean) bool { return m == nil })
}

// Find returns what is known of a failure; nil for nothing.
func (b *Book) Find(class, fingerprint string) *Pattern { return b.index[key{class, fingerprint}] }

// ofType returns the record of a type; nil for nothing.
func (b *Book) ofType(t heal.ErrorType) *Pattern { return b.index[typeKey(t)] }

func (b *Book) pattern(at heal.Stamp, fresh Pattern) *Pattern {
	if p := b.index[fresh.key()]; p != nil {
		return p
	}
	fresh.Begun, fresh.Last, fresh.Turn = at, at, b.Turn
	if len(b.Patterns) >= maxPatterns {
		b.evict()
	}
	fresh.Arms = map[heal.Strategy]*Arm{}
	b.index[fresh.key()] = &fresh
	b.Patterns = append(b.Patterns, &fresh)
	return &fresh
}

// evict drops the tenth of the patterns that was unused for longest. Those of types and
// those that a person pinned stay.
func (b *Book) evict() {
	var old []*Pattern
	for _, p := range b.Patterns {
		if p.Fingerprint != "" && p.Pinned == "" {
			old = append(old, p)
		}
	}
	slices.SortStableFunc(old, func(x, y *Pattern) int { return cmp.Compare(x.Turn, y.Turn) })
	for _, p := range old[:min(len(old), maxPatterns/10)] {
		delete(b.index, p.key())
	}
	b.Patterns = slices.DeleteFunc(b.Patterns, func(p *Pattern) bool { return b.index[p.key()] == nil })
}

// Forget drops what is known of a failure and reports whether there was anything.
func (b *Book) Forget(class, fingerprint string) bool {
	k := key{class, fingerprint}
	if fingerprint == "" || b.index[k] == nil {
		return false
	}
	delete(b.index, k)
	b.Patterns = slices.DeleteFunc(b.Patterns, func(p *Pattern) bool { return p.key() == k })
	return true
}

// Pin puts a strategy first for a failure, or none with an empty one. It reports whether
// the failure is known.
func (b *Book) Pin(class, fingerprint string, s heal.Strategy) bool {
	p := b.Find(class, fingerprint)
	if p == nil || fingerprint == "" {
		return false
	}
	p.Pinned = s
	return true
}

// Action is how long a strategy takes to act, by what was seen of it.
func (b *Book) Action(s heal.Strategy, usually time.Duration) time.Duration {
	m := b.Seconds[s]
	if m == nil {
		return usually
	}
	all := priorActions + m.Weight
	return time.Duration((priorActions*usually.Seconds() + m.Weight*m.Value) / all * float64(time.Second))
}

func (b *Book) took(s heal.Strategy, d time.Duration) {
	m := b.Seconds[s]
	if m == nil {
		m = &Mean{}
		b.Seconds[s] = m
	}
	m.Weight = min(m.Weight+1, mostActions)
	m.Value += (d.Seconds() - m.Value) / m.Weight
}

// Learn books a verified outcome, there and nowhere else.
func (b *Book) Learn(at heal.Stamp, l heal.Lesson) {
	b.Turn++
	b.retire(at)
	p := b.pattern(at, Pattern{Class: l.Class, Fingerprint: l.Fingerprint, Type: l.Type})
	common := b.pattern(at, Pattern{Class: Everyone, Fingerprint: l.Fingerprint, Type: l.Type})
	whole := b.pattern(at, Pattern{Type: l.Type})
	for _, one := range []*Pattern{p, common, whole} {
		one.seen(at, b.Turn)
	}
	p.Type = l.Type
	p.Template = l.Template[:min(len(l.Template), maxTemplate)]
	common.Template = p.Template
	p.arm(l.Strategy).Totals.book(l)
	b.took(l.Strategy, l.Took)
	whole.arm(l.Strategy).Totals.book(l)
	if l.Outcome == heal.OutcomeUnknown || l.Outcome == "" {
		return // it teaches nothing about the chance
	}
	if l.Late {
		b.book(p, common, whole, l)
		return
	}
	if l.Outcome == heal.Relapsed {
		p.relapsed(l.Lasted)
	}
	if l.Strategy == heal.WaitAndRetry && l.Named > 0 && l.Ended >= l.Named {
		for _, c := range []*Counts{&p.Promises, &b.Promises} {
			c.fade(actingHalf)
			c.add(l.Outcome == heal.Recovered, 1)
		}
	}
	p.Outcomes++
	whole.Outcomes++
	b.book(p, common, whole, l)
}

// maxTemplate bounds what is kept of a template.
const maxTemplate = 300

func (p *Pattern) seen(at heal.Stamp, turn int) { p.Last, p.Turn, p.Idle = at, turn, 0 }

// staleAfter days without a lesson, what was learned of a failure is let go (ENGINE.md 2.9).
const staleAfter, aDay = 90, 24 * time.Hour

// retire lets stale patterns go. Days are counted as they are met, so that a clock that
// jumps by years costs one.
func (b *Book) retire(at heal.Stamp) {
	if !b.Day.IsZero() && at.Wall.Sub(b.Day.Wall).Abs() < aDay {
		return
	}
	b.Day = at
	b.Patterns = slices.DeleteFunc(b.Patterns, func(p *Pattern) bool {
		p.Idle++
		stale := p.Idle > staleAfter && p.Fingerprint != "" && p.Pinned == ""
		if stale {
			delete(b.index, p.key())
		}
		return stale
	})
}

// Everyone is the class of what was learned about a failure whoever had it.
const Everyone = "*"

// book moves beliefs and counts.
func (b *Book) book(p, common, whole *Pattern, l heal.Lesson) {
	good := l.Outcome == heal.Recovered
	t := Try{l.Strategy, l.Before, l.Probed, l.Ended}
	expected := b.Outlook(l.Class, l.Fingerprint, Look{l.Type, l.Rule}).Chance(t)
	none := b.typeMean(l.Type, t)
	for _, one := range []*Pattern{p, common} {
		one.believe(t, l, none)
		if !l.Late {
			one.fade(l.Strategy, t.bucket(), actingHalf, otherHalf)
		}
		one.arm(l.Strategy).Tries[t.bucket()].book(l, 1)
		one.arm(l.Strategy).Ever[t.bucket()].add(good, 1)
	}
	if !l.Late {
		whole.fade(l.Strategy, t.bucket(), typeHalf, typeHalf)
	}
	whole.arm(l.Strategy).Tries[t.bucket()].book(l, typeWeight)
	if t.bucket() == 0 && l.Strategy != heal.WaitAndRetry {
		p.surprise(l.Strategy, good, expected.Mean())
	}
}

// believe weighs the archetypes by how well they foretold the outcome. One that comes late
// stands in for the success that was believed before.
func (p *Pattern) believe(t Try, l heal.Lesson, none float64) {
	if p.Weights == nil {
		p.Weights = make([]float64, len(Library)+1)
	}
	fade, most := math.Exp2(-1.0/beliefHalf), math.Inf(-1)
	if l.Late {
		fade = 1
	}
	for j := range p.Weights {
		chance := none
		if j < len(Library) {
			chance = Library[j].chance(t)
		}
		told := math.Log(chance)
		switch {
		case l.Late:
			told = math.Log(1-chance) - told
		case l.Outcome != heal.Recovered:
			told = math.Log(1 - chance)
		}
		p.Weights[j] = p.Weights[j]*fade + power*told
		most = max(most, p.Weights[j])
	}
	for j := range p.Weights {
		p.Weights[j] = max(p.Weights[j]-most, floor)
	}
}

// surprise: a trusted arm that keeps failing says that the world has changed.
func (p *Pattern) surprise(s heal.Strategy, good bool, expected float64) {
	a := p.arm(s)
	switch {
	case good:
		a.Surprise = 0
	case expected > trusted:
		a.Surprise -= math.Log(max(1-expected, 1e-3))
	}
	if a.Surprise > surprised {
		p.forget(keep)
	}
}

// relapsed takes down how long a remedy lasted that did not hold.
func (p *Pattern) relapsed(lasted time.Duration) {
	if p.Lasted == 0 {
		p.Lasted = lasted
		return
	}
	p.Lasted += (lasted - p.Lasted) / 4
}
