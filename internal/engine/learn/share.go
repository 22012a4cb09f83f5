package learn

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"healer-sidecar/internal/heal"
)

const (
	// hearsayShare is how much a count of another host weighs here, hearsayCap how many of
	// them at most for one failure, hearsayHalf the age at which they weigh half
	// (ENGINE.md 2.9).
	hearsayShare, hearsayCap = 0.5, 8.0
	hearsayHalf              = 30 * 24 * time.Hour
	// maxOrigins bounds the hosts that are heard about one failure, maxCount what a count
	// may claim.
	maxOrigins, maxCount = 64, 1e9
)

// Export is what this host may tell others: what it saw itself and what it was told.
// Templates may hold what was in the output; they are left out unless wanted.
func (b *Book) Export(host string, templates bool) heal.Knowledge {
	k := heal.Knowledge{Version: heal.KnowledgeVersion, Host: host, Patterns: []heal.Shared{}}
	for _, p := range b.Patterns {
		if p.Fingerprint == "" {
			continue
		}
		if own, any := p.share(host); any {
			k.Patterns = append(k.Patterns, own)
		}
		for _, told := range p.Told {
			k.Patterns = append(k.Patterns, told)
		}
	}
	for i := range k.Patterns {
		if !templates {
			k.Patterns[i].Template = ""
		}
	}
	slices.SortFunc(k.Patterns, func(x, y heal.Shared) int {
		return cmp.Or(cmp.Compare(x.Fingerprint, y.Fingerprint), cmp.Compare(x.Class, y.Class), cmp.Compare(x.Origin, y.Origin))
	})
	return k
}

// share is what this host saw of one failure; false for nothing.
func (p *Pattern) share(host string) (heal.Shared, bool) {
	s := heal.Shared{
		Origin: host, Epoch: p.Begun.Wall.Unix(), Class: p.Class, Fingerprint: p.Fingerprint, Type: p.Type, Template: p.Template,
		Seen: p.Last.Wall.UTC().Round(0), Arms: map[heal.Strategy][2]heal.Counts{}, Weights: slices.Clone(p.Weights),
	}
	for name, arm := range p.Arms {
		if counts := [2]heal.Counts{heal.Counts(arm.Ever[0]), heal.Counts(arm.Ever[1])}; counts[0].All()+counts[1].All() > 0 {
			s.Arms[name] = counts
		}
	}
	return s, len(s.Arms) > 0
}

// CheckShared says why a record of another host cannot be believed; nil when it can.
func CheckShared(s heal.Shared) error {
	switch {
	case s.Origin == "" || s.Fingerprint == "" || s.Class == "":
		return fmt.Errorf("a pattern without origin, class or fingerprint")
	case len(s.Origin) > maxTemplate || len(s.Fingerprint) > maxTemplate || len(s.Class) > maxTemplate || len(s.Template) > maxTemplate:
		return fmt.Errorf("pattern %.40q has a word that is too long", s.Fingerprint)
	case !s.Type.Valid():
		return fmt.Errorf("pattern %s: %q is no error type", s.Fingerprint, s.Type)
	case len(s.Weights) != 0 && len(s.Weights) != len(Library)+1:
		return fmt.Errorf("pattern %s: %d weights; this version has %d", s.Fingerprint, len(s.Weights), len(Library)+1)
	}
	for _, w := range s.Weights {
		if !(w >= floor && w <= 0) {
			return fmt.Errorf("pattern %s: a weight of %v", s.Fingerprint, w)
		}
	}
	for name, counts := range s.Arms {
		if !name.Valid() {
			return fmt.Errorf("pattern %s: %q is no strategy", s.Fingerprint, name)
		}
		for _, c := range counts {
			if !(c.Good >= 0 && c.Good <= maxCount && c.Bad >= 0 && c.Bad <= maxCount) {
				return fmt.Errorf("pattern %s: a count that cannot be", s.Fingerprint)
			}
		}
	}
	return nil
}

// Hear takes in what another host has learned. Of two reports of one origin and epoch the
// greater counts hold, of two epochs the later. What cannot be believed is left out.
func (b *Book) Hear(at heal.Stamp, s heal.Shared) {
	if CheckShared(s) != nil {
		return
	}
	p := b.pattern(at, Pattern{Class: s.Class, Fingerprint: s.Fingerprint, Type: s.Type, Template: s.Template})
	if p.Told == nil {
		p.Told = map[string]heal.Shared{}
	}
	old, known := p.Told[s.Origin]
	switch {
	case !known && len(p.Told) >= maxOrigins, known && s.Epoch < old.Epoch:
		return
	case known && s.Epoch == old.Epoch:
		s = merge(old, s)
	}
	p.Told[s.Origin] = s
}

// merge is what two reports of one origin and epoch amount to, in whichever order.
func merge(x, y heal.Shared) heal.Shared {
	if later := cmp.Or(y.Seen.Compare(x.Seen), slices.Compare(y.Weights, x.Weights), cmp.Compare(y.Template, x.Template)); later < 0 {
		x, y = y, x
	}
	arms := map[heal.Strategy][2]heal.Counts{}
	for _, one := range []heal.Shared{x, y} {
		for name, c := range one.Arms {
			arms[name] = [2]heal.Counts{arms[name][0].Greater(c[0]), arms[name][1].Greater(c[1])}
		}
	}
	y.Arms = arms
	y.Template = cmp.Or(y.Template, x.Template)
	return y
}

// hearsay is what other hosts say of one failure, weighed.
type hearsay struct {
	told []heal.Shared
	// share is how much of each is believed.
	share []float64
}

// hear collects what was told about a class; without that, what was told of all.
func (b *Book) hear(p, common *Pattern) hearsay {
	h, from := hearsay{}, p
	if p == nil || len(p.Told) == 0 {
		from = common
	}
	if from == nil || len(from.Told) == 0 {
		return h
	}
	all := 0.0
	for _, origin := range slices.Sorted(maps.Keys(from.Told)) {
		s := from.Told[origin]
		h.told = append(h.told, s)
		for _, c := range s.Arms {
			all += c[0].All() + c[1].All()
		}
	}
	doubt := from.Doubt
	if p != nil {
		doubt = max(doubt, p.Doubt)
	}
	for _, s := range h.told {
		age := max(b.Day.Wall.Sub(s.Seen), 0)
		share := min(hearsayShare, hearsayCap/max(all, 1)) * math.Exp2(-age.Hours()/hearsayHalf.Hours()) * math.Pow(keep, float64(doubt))
		h.share = append(h.share, share)
	}
	return h
}

// counts are those of a try.
func (h hearsay) counts(t Try) Counts {
	var sum Counts
	for i, s := range h.told {
		c := Counts(s.Arms[t.Strategy][t.bucket()])
		c.scale(h.share[i])
		sum.Good, sum.Bad = sum.Good+c.Good, sum.Bad+c.Bad
	}
	return sum
}

// weight is how much an archetype is believed the more.
func (h hearsay) weight(j int) float64 {
	sum := 0.0
	for i, s := range h.told {
		if len(s.Weights) > j {
			sum += h.share[i] * s.Weights[j]
		}
	}
	return sum
}
