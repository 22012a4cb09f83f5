package learn

import (
	"math"
	"slices"

	"healer-sidecar/internal/heal"
)

// Outlook is what is expected of remedies for one failure now.
type Outlook struct {
	book    *Book
	pattern *Pattern
	// common is what was learned about the failure from all classes.
	common *Pattern
	// told is what other hosts say of it.
	told   hearsay
	typ    heal.ErrorType
	belief []float64
}

// Outlook looks a failure up.
func (b *Book) Outlook(class, fingerprint string, look Look) Outlook {
	p, common := b.Find(class, fingerprint), b.Find(Everyone, fingerprint)
	told := b.hear(p, common)
	return Outlook{b, p, common, told, look.Type, belief(p, common, told, look)}
}

// Trust is how much a time to wait that the evidence names is believed: much, until it was
// found to be wrong for this failure, or for others. One that was wrong once is still believed, at
// even odds: a server that is asked too early names a new time, and means it.
func (o Outlook) Trust() float64 {
	good := 4 + min(o.book.Promises.Good, promiseCap)
	bad := 1 + min(o.book.Promises.Bad, promiseCap)
	if o.pattern != nil {
		good, bad = good+2*o.pattern.Promises.Good, bad+2*o.pattern.Promises.Bad
	}
	return good / (good + bad)
}

// promiseCap bounds what other failures say about a promise.
const promiseCap = 6

// Pattern is what was learned about this very failure; nil for nothing.
func (o Outlook) Pattern() *Pattern { return o.pattern }

// Likely are the kinds of failure that are believed most.
func (o Outlook) Likely(most int) []heal.Belief {
	var all []heal.Belief
	for j, w := range o.belief {
		name := "none that is known"
		if j < len(Library) {
			name = Library[j].Name
		}
		all = append(all, heal.Belief{Like: name, Much: math.Round(100*w) / 100})
	}
	slices.SortStableFunc(all, func(a, b heal.Belief) int { return int(math.Copysign(1, b.Much-a.Much)) })
	return all[:min(most, len(all))]
}
