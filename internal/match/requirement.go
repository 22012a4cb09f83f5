package match

import (
	"math"
	"regexp/syntax"
	"slices"
	"strings"
)

const (
	// minLiteral is the shortest literal worth searching for; shorter ones are found
	// on nearly every line.
	minLiteral = 3
	// maxExact bounds the strings that one part of an expression is spelled out
	// into, maxClass the character class that is, maxNeeds what a branch needs
	// beside the literal that is searched for.
	maxExact, maxClass, maxNeeds = 64, 10, 3
	// maxLiteral is how much of a literal is searched for.
	maxLiteral = 200
)

// edge stands in a spelled out text for a boundary between a letter, digit or underscore and
// another byte, the \b of an expression. It is no byte of UTF-8.
const edge = "\xff"

// requirement is what every match of an expression contains.
type requirement struct {
	// literals are searched for; a match contains at least one. Empty when none can
	// be derived: then every line has to be tried.
	literals []literal
	// also are further sets of which a match contains one each.
	also []needed
	// links are what a match holds in order; nil where that says nothing more.
	links []link
	// linkDigits says that some word of them holds a digit.
	linkDigits bool
	// most is how many runes a line has at most that matches from its beginning to its
	// end; 0 where there is no such bound.
	most int
}

// needed are words of which a match contains one.
type needed struct {
	words []literal
	// digits says that some hold a digit: then the numbers of a line matter.
	digits bool
}

func needs(set []string) needed {
	words := make([]literal, len(set))
	for i, s := range set {
		words[i] = newLiteral(withoutEdges(s))
	}
	return needed{words, anyDigit(words)}
}

func anyDigit(words []literal) bool {
	return slices.ContainsFunc(words, func(w literal) bool { return strings.ContainsAny(w.text, "0123456789") })
}

// requirementOf derives lower-case literals from an expression. Of several sets
// that every match needs, the one is searched for that usual text holds least. The
// others may hold shorter ones: they are looked for on few lines only.
func requirementOf(re *syntax.Regexp) requirement {
	var sets [][]string
	parts := piecesOf(re)
	for _, p := range parts {
		if p.tells() {
			sets = append(sets, minimal(p.set))
		}
	}
	main := -1
	for i, set := range sets {
		if shortest(set) >= minLiteral && (main < 0 || commonness(set) < commonness(sets[main])) {
			main = i
		}
	}
	if main < 0 {
		return requirement{}
	}
	r := requirement{literals: placed(bounded(spelled(sets[main]))), links: linksOf(parts), most: mostOf(re)}
	r.linkDigits = linkDigits(r.links)
	for i, set := range sets {
		if i != main && len(r.also) < maxNeeds {
			r.also = append(r.also, needs(set))
		}
	}
	return r
}

// mostOf is how many runes a line has at most that is the match; 0 where more may stand
// around or in it.
func mostOf(re *syntax.Regexp) int {
	if re.Op != syntax.OpConcat || re.Sub[0].Op != syntax.OpBeginText || re.Sub[len(re.Sub)-1].Op != syntax.OpEndText {
		return 0
	}
	if width := widthOf(re); width < unbounded {
		return width
	}
	return 0
}

// commonness estimates how often usual text holds one of a set.
func commonness(set []string) float64 {
	sum := 0.0
	for _, lit := range set {
		text := withoutEdges(lit)
		sum += (frequency(text) + foundCost*frequency(strings.ReplaceAll(lit, edge, " "))) / (1 + foundCost)
		if len(text) < wholeWindow {
			sum += shortCost
		}
	}
	return sum
}

// spelled turns edges into what they say of a literal.
func spelled(set []string) []literal {
	out := make([]literal, len(set))
	for i, s := range set {
		out[i] = newLiteral(withoutEdges(s))
		text := out[i].text
		out[i].first = strings.HasPrefix(s, edge) && WordByte(text[0])
		out[i].last = strings.HasSuffix(s, edge) && WordByte(text[len(text)-1])
	}
	return out
}

// bounded cuts literals that are longer than anybody needs to tell them apart.
func bounded(all []literal) []literal {
	for i, lit := range all {
		if len(lit.text) > maxLiteral {
			all[i] = newLiteral(lit.text[:maxLiteral])
			all[i].first = lit.first
		}
	}
	return all
}

// placed notes where literals are looked for.
func placed(all []literal) []literal {
	for i, lit := range all {
		if len(lit.text) >= wholeWindow {
			all[i].at = rarest(lit.text)
		}
	}
	return all
}

func withoutEdges(s string) string { return strings.ReplaceAll(s, edge, "") }

// minimal drops what contains another literal of the set: finding that is enough.
func minimal(set []string) []string {
	slices.SortFunc(set, func(a, b string) int { return len(a) - len(b) })
	var kept []string
	for _, s := range set {
		if !slices.ContainsFunc(kept, func(k string) bool { return strings.Contains(s, k) }) {
			kept = append(kept, s)
		}
	}
	return kept
}

func shortest(set []string) int {
	least := math.MaxInt
	for _, s := range set {
		least = min(least, len(withoutEdges(s)))
	}
	return least
}
