package learn

import (
	"math"
	"slices"

	"healer-sidecar/internal/heal"
)

// Beta is what is believed about a chance, as counts of both outcomes.
type Beta struct{ Good, Bad float64 }

// Mean is the expected chance.
func (b Beta) Mean() float64 { return b.Good / (b.Good + b.Bad) }

// Or is the chance that this or something independent of it happens.
func (b Beta) Or(chance float64) Beta {
	n, m := b.Good+b.Bad, 1-(1-b.Mean())*(1-chance)
	return Beta{n * m, n * (1 - m)}
}

// Interval is where the chance lies with a probability of 80 %, by a normal
// approximation; it is for people.
func (b Beta) Interval() (low, high float64) {
	n := b.Good + b.Bad
	m := b.Mean()
	d := 1.2816 * math.Sqrt(m*(1-m)/(n+1))
	return max(m-d, 0), min(m+d, 1)
}

// typeMean is the chance by the record of the whole type.
func (b *Book) typeMean(t heal.ErrorType, try Try) float64 {
	c := b.ofType(t).counts(try.Strategy, try.bucket())
	return (typeStrength*fit(t, try.Strategy, try.bucket()) + c.Good) / (typeStrength + c.Good + c.Bad)
}

// Look is how a failure shows.
type Look struct {
	Type heal.ErrorType
	// Rule is the one that its telling line matches; empty for none.
	Rule string
}

// said is how many times likelier an archetype is that speaks like this. Anything from 3
// to 12 costs the same within 1 % in simulation.
const said = 6.0

// seldom is how much less than others an archetype is thought of that must be named.
const seldom = 0.15

// othersShare is how much of what others learned about the same failure is believed, before
// anything was seen here; ownEnough outcomes of one's own halve it.
const othersShare, ownEnough = 0.7, 4.0

// belief is how much each archetype is believed; the last is none of them. They add up to 1.
func belief(p, common *Pattern, told hearsay, look Look) []float64 {
	all := make([]float64, len(Library)+1)
	most := math.Inf(-1)
	share := p.trustInOthers()
	for j := range all {
		all[j] = math.Log(look.prior(j))
		if p != nil && p.Weights != nil {
			all[j] += p.Weights[j]
		}
		if common != nil && common.Weights != nil {
			all[j] += share * common.Weights[j]
		}
		all[j] += told.weight(j)
		most = max(most, all[j])
	}
	sum := 0.0
	for j := range all {
		all[j] = math.Exp(all[j] - most)
		sum += all[j]
	}
	for j := range all {
		all[j] /= sum
	}
	return all
}

// trustInOthers falls with what was seen here.
func (p *Pattern) trustInOthers() float64 {
	if p == nil {
		return othersShare
	}
	return othersShare / (1 + float64(p.Outcomes)/ownEnough)
}

// prior is how much an archetype is believed by the look alone.
func (l Look) prior(j int) float64 {
	if j == len(Library) {
		return noneShare / float64(len(heal.ErrorTypes))
	}
	p := Library[j].Types[l.Type]
	if Library[j].Seldom {
		p *= seldom
	}
	if l.Rule != "" && slices.Contains(Library[j].Says, l.Rule) {
		p *= said
	}
	return p
}

// negligible belief is left out.
const negligible = 1e-4

// Chance is what is believed about the success of a try.
func (o Outlook) Chance(try Try) Beta {
	m := 0.0
	for j, w := range o.belief {
		switch {
		case w <= negligible:
		case j < len(Library):
			m += w * Library[j].chance(try)
		default:
			m += w * o.book.typeMean(o.typ, try)
		}
	}
	m = min(max(m, 1e-3), 1-1e-3)
	if try.Strategy == heal.WaitAndRetry {
		return Beta{strength * m, strength * (1 - m)} // its chance is one of time
	}
	others, share := o.common.counts(try.Strategy, try.bucket()), o.pattern.trustInOthers()
	m = (strength*m + share*others.Good) / (strength + share*(others.Good+others.Bad))
	heard := o.told.counts(try)
	m = (strength*m + heard.Good) / (strength + heard.Good + heard.Bad)
	c := o.pattern.counts(try.Strategy, try.bucket())
	return Beta{strength*m + c.Good, strength*(1-m) + c.Bad}
}
