package diagnose

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
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

// requirement is what every match of an expression contains.
type requirement struct {
	// literals are searched for; a match contains at least one. Empty when none can
	// be derived: then every line has to be tried.
	literals []string
	// also are further sets of which a match contains one each.
	also []needed
}

// needed are words of which a match contains one.
type needed struct {
	words []string
	// digits says that some hold a digit: then the numbers of a line matter.
	digits bool
}

func needs(words []string) needed {
	return needed{words, slices.ContainsFunc(words, func(w string) bool { return strings.ContainsAny(w, "0123456789") })}
}

// requirementOf derives lower-case literals from an expression. Of several sets
// that every match needs, the one is searched for that usual text holds least. The
// others may hold shorter ones: they are looked for on few lines only.
func requirementOf(re *syntax.Regexp) requirement {
	var sets [][]string
	for _, set := range needsOf(re) {
		if len(set) > 0 && shortest(set) > 0 {
			sets = append(sets, minimal(set))
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
	r := requirement{literals: bounded(sets[main])}
	for i, set := range sets {
		if i != main && len(r.also) < maxNeeds {
			r.also = append(r.also, needs(set))
		}
	}
	return r
}

// commonness estimates how often usual text holds one of a set.
func commonness(set []string) float64 {
	sum := 0.0
	for _, lit := range set {
		if sum += frequency(lit); len(lit) < wholeWindow {
			sum += shortCost
		}
	}
	return sum
}

// bounded cuts literals that are longer than anybody needs to tell them apart.
func bounded(set []string) []string {
	out := make([]string, len(set))
	for i, s := range set {
		out[i] = s[:min(len(s), maxLiteral)]
	}
	return out
}

// texts is what is known of the matches of an expression: all of them, when they
// are few, and strings of which each match contains one.
type texts struct {
	exact []string
	need  []string
}

func exactly(all ...string) texts { return texts{exact: all, need: all} }

func textsOf(re *syntax.Regexp) texts {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpBeginText, syntax.OpEndLine, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return exactly("")
	case syntax.OpLiteral:
		return textsOfLiteral(re)
	case syntax.OpCharClass:
		return textsOfClass(re.Rune)
	case syntax.OpCapture:
		return textsOf(re.Sub[0])
	case syntax.OpPlus:
		return texts{need: textsOf(re.Sub[0]).need}
	case syntax.OpQuest:
		if all := textsOf(re.Sub[0]).exact; all != nil {
			return exactly(append(slices.Clone(all), "")...)
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return texts{need: textsOf(re.Sub[0]).need}
		}
	case syntax.OpConcat:
		return textsOfConcat(re.Sub)
	case syntax.OpAlternate:
		return textsOfAlternate(re.Sub)
	}
	return texts{}
}

// textsOfLiteral folds ASCII, as the search does. A folded rune outside ASCII has
// several spellings: only the longest part around it is needed then.
func textsOfLiteral(re *syntax.Regexp) texts {
	text := lowerASCII(string(re.Rune))
	if re.Flags&syntax.FoldCase == 0 || strings.IndexFunc(text, notASCII) < 0 {
		return exactly(text)
	}
	best := ""
	for part := range strings.FieldsFuncSeq(text, notASCII) {
		if len(part) > len(best) {
			best = part
		}
	}
	return texts{need: []string{best}}
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }

func lowerASCII(s string) string { return string(appendLower(nil, []byte(s))) }

func textsOfClass(ranges []rune) texts {
	var all []string
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 2*maxClass {
			return texts{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			all = append(all, lowerASCII(string(r)))
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > maxClass {
		return texts{}
	}
	return exactly(all...)
}

// textsOfConcat spells neighbours out together as long as they are few.
func textsOfConcat(subs []*syntax.Regexp) texts {
	runs, whole := runsOf(subs)
	var best []string
	for _, run := range runs {
		best = better(best, run)
	}
	if whole {
		return texts{exact: runs[0], need: best}
	}
	return texts{need: best}
}

// needsOf lists the sets of strings of which every match contains one each.
func needsOf(re *syntax.Regexp) [][]string {
	switch re.Op {
	case syntax.OpConcat:
		runs, _ := runsOf(re.Sub)
		return runs
	case syntax.OpCapture:
		return needsOf(re.Sub[0])
	}
	return [][]string{textsOf(re).need}
}

// runsOf spells neighbours out together and cuts where that is not possible.
// whole reports that there was no cut.
func runsOf(subs []*syntax.Regexp) (runs [][]string, whole bool) {
	run, whole := []string{""}, true
	for _, sub := range subs {
		t := textsOf(sub)
		if t.exact != nil && len(run)*len(t.exact) <= maxExact {
			run = cross(run, t.exact)
			continue
		}
		runs, whole = append(runs, run), false
		run = []string{""}
		if t.exact != nil {
			run = t.exact
		} else {
			runs = append(runs, t.need)
		}
	}
	return append(runs, run), whole
}

func cross(heads, tails []string) []string {
	all := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			all = append(all, h+t)
		}
	}
	return all
}

// better prefers the set that holds the longer shortest string.
func better(a, b []string) []string {
	if len(a) == 0 || len(b) > 0 && shortest(b) > shortest(a) {
		return b
	}
	return a
}

// textsOfAlternate needs a string from every alternative, or it can promise none.
func textsOfAlternate(subs []*syntax.Regexp) texts {
	var t texts
	exact := true
	for _, sub := range subs {
		s := textsOf(sub)
		if len(s.need) == 0 {
			return texts{}
		}
		t.need = append(t.need, s.need...)
		t.exact = append(t.exact, s.exact...)
		exact = exact && s.exact != nil
	}
	if !exact || len(t.exact) > maxExact {
		t.exact = nil
	}
	return t
}

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
	least := len(set[0])
	for _, s := range set {
		least = min(least, len(s))
	}
	return least
}
