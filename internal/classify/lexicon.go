package classify

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"healer-sidecar/internal/heal"
)

// lexiconText has a line for each feature, in order: the feature, and for each of the ten types
// how much it speaks for it, in tenths. Bias is what speaks for each where nothing is said. It is
// learned from the corpora of this repository by go run ./corpus -words.
//
//go:embed lexicon.txt
var lexiconText string

// Bias is the feature that every text has.
const Bias = "="

const (
	// guessLeast is how probable a type must be by the words of a failure to be named, calledLeast
	// where a program that lives calls it an error: then something has failed for certain.
	guessLeast, calledLeast = 0.4, 0.3
	// toldWeight is that of a line that says what has failed, and toldLeast what it takes to know better.
	toldWeight, toldLeast = 0.65, 0.6
	// leastSpoken features must be known: one word may mean anything.
	leastSpoken = 2
	// guessWeight is little: it decides where nothing else does.
	guessWeight = 0.4
	// mostNamed words are named in the evidence.
	mostNamed = 6
)

// Odds are how much something speaks for each of the ten types, in heal.ErrorTypes's order.
type Odds [10]float64

// add adds what another says, times a factor.
func (o *Odds) add(other Odds, factor float64) {
	for i, w := range other {
		o[i] += w * factor
	}
}

// Shares are the probabilities of the types that odds stand for.
func (o Odds) Shares() Odds {
	var all Odds
	most, sum := slices.Max(o[:]), 0.0
	for i, w := range o {
		all[i] = math.Exp(w - most)
		sum += all[i]
	}
	for i := range all {
		all[i] /= sum
	}
	return all
}

// oddsOf is what a feature says. The table is searched as it lies, so that it takes no memory
// beside the program's.
func oddsOf(feature string) (Odds, bool) {
	low, high := 0, len(lexiconText)
	for low < high {
		begin := strings.LastIndexByte(lexiconText[:(low+high)/2], '\n') + 1
		end := begin + strings.IndexByte(lexiconText[begin:], '\n')
		line := lexiconText[begin:end]
		space := strings.IndexByte(line, ' ')
		switch strings.Compare(line[:space], feature) {
		case 0:
			return oddsIn(line[space+1:]), true
		case 1:
			high = begin
		default:
			low = end + 1
		}
	}
	return Odds{}, false
}

// oddsIn reads the columns of a line.
func oddsIn(columns string) Odds {
	var o Odds
	i := 0
	for c := range strings.FieldsSeq(columns) {
		tenths, _ := strconv.Atoi(c) // a test reads them all
		o[i] = float64(tenths) / 10
		i++
	}
	return o
}

// opinion is what the words of a failure say about its cause.
type opinion struct {
	shares Odds
	// spoke is what each known feature said, by how it was written.
	spoke map[string]Odds
}

// opinionOf asks the words of the last lines; false when too few of them are known.
func opinionOf(lines []string) (opinion, bool) {
	written := features(lines)
	o := opinion{spoke: map[string]Odds{}}
	var sum Odds
	for _, f := range slices.Sorted(maps.Keys(written)) { // the same sum each time
		if says, ok := oddsOf(f); ok {
			o.spoke[written[f]] = says
			sum.add(says, 1)
		}
	}
	if len(o.spoke) < leastSpoken {
		return o, false
	}
	total, _ := oddsOf(Bias)
	total.add(sum, 1/math.Sqrt(float64(len(o.spoke))))
	o.shares = total.Shares()
	return o, true
}

// guess is what the words of the last lines say about the cause, where no rule names one: people
// word failures in ways that nobody has seen before. Over is what it must outweigh.
func guess(lines []string, over float64, dead bool) (heal.Vote, bool) {
	o, ok := opinionOf(lines)
	best := slices.Index(o.shares[:], slices.Max(o.shares[:]))
	typ, least := heal.ErrorTypes[best], guessLeast
	switch {
	case over >= toldWeight:
		least = toldLeast
	case !dead:
		least = calledLeast
	}
	if !ok || typ == heal.Unknown || o.shares[best] < least {
		return heal.Vote{}, false
	}
	why := fmt.Sprintf("no rule knows it; its words speak of that: %s", strings.Join(o.tellers(best), ", "))
	return heal.Vote{Type: typ, Weight: max(guessWeight, over+0.1), Why: why, Guess: true}, true
}

// tellers are the words that speak most for a type.
func (o opinion) tellers(typ int) []string {
	var all []string
	for w, says := range o.spoke {
		if says[typ] > 0 {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(o.spoke[b][typ], o.spoke[a][typ]), strings.Compare(a, b))
	})
	return all[:min(len(all), mostNamed)]
}
