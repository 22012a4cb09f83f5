package diagnose

import (
	"fmt"
	"slices"
	"sync"
)

// sieve is an expression whose alternatives are each tried only on lines that hold what a match
// of them needs. Most hold it for none of them.
type sieve func() []branch

// newSieve is for an expression that sees lines as rules of ours do. It is compiled on first
// use.
func newSieve(src string) sieve {
	return sync.OnceValue(func() []branch {
		rule, err := compileRule(Rule{Expr: synonyms.Replace(src)})
		if err != nil {
			panic(fmt.Sprintf("cannot compile a sieve: %v", err)) // one of ours: a test compiles them all
		}
		return rule.branches
	})
}

// match tries the expression on a text that is the line in s, in lower case or as printed.
func (v sieve) match(text []byte, s *Scratch) bool {
	for _, b := range v() {
		if b.possible(s) && b.expr().Match(text) {
			return true
		}
	}
	return false
}

// end is where the match that ends first ends, -1 where there is none.
func (v sieve) end(text []byte, s *Scratch) int {
	first := -1
	for _, b := range v() {
		if !b.possible(s) {
			continue
		}
		if at := b.expr().FindIndex(text); at != nil && (first < 0 || at[1] < first) {
			first = at[1]
		}
	}
	return first
}

// all are the places of a text that it matches at, each with its end.
func (v sieve) all(text []byte, s *Scratch) (places [][]int) {
	for _, b := range v() {
		if b.possible(s) {
			places = append(places, b.expr().FindAllIndex(text, -1)...)
		}
	}
	return places
}

// overlaps reports that one of some places shares a byte with what stands from one place to
// another.
func overlaps(places [][]int, from, to int) bool {
	return slices.ContainsFunc(places, func(p []int) bool { return p[0] < to && from < p[1] })
}

// matchAny reports that one of the forms of the line in s matches.
func (v sieve) matchAny(forms [][]byte, s *Scratch) bool {
	return slices.ContainsFunc(forms, func(text []byte) bool { return v.match(text, s) })
}

// possible reports that the line holds what a match needs.
func (b *branch) possible(s *Scratch) bool {
	if len(b.literals) > 0 && !s.holdsAny(b.literals) {
		return false
	}
	lacks, _ := b.lacks(s)
	return !lacks
}
