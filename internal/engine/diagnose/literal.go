package diagnose

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// minLiteral is the shortest literal worth searching for; shorter ones are found
// on nearly every line. maxLiterals bounds the alternatives of one rule.
const (
	minLiteral  = 3
	maxLiterals = 64
)

// requiredLiterals returns lower-case literals of which every match of the
// expression contains at least one, or nil where none can be derived.
func requiredLiterals(re *syntax.Regexp) []string {
	set := literalsOf(re)
	if len(set) == 0 || len(set) > maxLiterals || shortest(set) < minLiteral {
		return nil
	}
	slices.Sort(set)
	return slices.Compact(set)
}

func literalsOf(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return literalText(re.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return literalsOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min == 0 {
			return nil
		}
		return literalsOf(re.Sub[0])
	case syntax.OpConcat:
		return bestOf(re.Sub)
	case syntax.OpAlternate:
		return unionOf(re.Sub)
	}
	return nil
}

// literalText folds a literal; a rune outside ASCII cuts it, because the search
// folds bytes, not runes.
func literalText(runes []rune) []string {
	best := ""
	for part := range strings.FieldsFuncSeq(string(runes), func(r rune) bool { return r > unicode.MaxASCII }) {
		if len(part) > len(best) {
			best = part
		}
	}
	if best == "" {
		return nil
	}
	return []string{strings.ToLower(best)}
}

// bestOf picks the part of a concatenation whose shortest literal is longest.
func bestOf(subs []*syntax.Regexp) []string {
	var best []string
	for _, sub := range subs {
		set := literalsOf(sub)
		if len(set) == 0 || len(set) > maxLiterals {
			continue
		}
		if best == nil || shortest(set) > shortest(best) {
			best = set
		}
	}
	return best
}

// unionOf needs a literal from every alternative, or it can promise none.
func unionOf(subs []*syntax.Regexp) []string {
	var all []string
	for _, sub := range subs {
		set := literalsOf(sub)
		if len(set) == 0 {
			return nil
		}
		all = append(all, set...)
	}
	return all
}

func shortest(set []string) int {
	least := len(set[0])
	for _, s := range set {
		least = min(least, len(s))
	}
	return least
}
