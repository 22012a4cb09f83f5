package match

import (
	"fmt"
	"slices"
	"sync"
)

// Prefilter is an expression whose alternatives are each tried only on lines that hold what a
// match of them needs. Most hold it for none of them.
type Prefilter struct {
	src      string
	branches func() []branch
}

// NewPrefilter is for an expression that sees the line in a Scratch. It is compiled on first
// use, and panics then if it is none: its text must be a constant of this program.
func NewPrefilter(src string) Prefilter {
	return Prefilter{src, sync.OnceValue(func() []branch {
		c, err := compile(Pattern{Expr: src})
		if err != nil {
			panic(fmt.Sprintf("cannot compile a prefilter: %v", err)) // one of ours: a test compiles them all
		}
		return c.branches()
	})}
}

// String is the whole expression.
func (p Prefilter) String() string { return p.src }

// Match tries the expression on a text that is the line in s, in lower case or as printed.
func (p Prefilter) Match(text []byte, s *Scratch) bool {
	for _, b := range p.branches() {
		if b.possible(s) && b.expr().Match(text) {
			return true
		}
	}
	return false
}

// End is where the match that ends first ends, -1 where there is none.
func (p Prefilter) End(text []byte, s *Scratch) int {
	first := -1
	for _, b := range p.branches() {
		if !b.possible(s) {
			continue
		}
		if at := b.expr().FindIndex(text); at != nil && (first < 0 || at[1] < first) {
			first = at[1]
		}
	}
	return first
}

// All are the places of a text that it matches at, each with its end.
func (p Prefilter) All(text []byte, s *Scratch) (places [][]int) {
	for _, b := range p.branches() {
		if b.possible(s) {
			places = append(places, b.expr().FindAllIndex(text, -1)...)
		}
	}
	return places
}

// MatchAny reports that one of the forms of the line in s matches.
func (p Prefilter) MatchAny(forms [][]byte, s *Scratch) bool {
	return slices.ContainsFunc(forms, func(text []byte) bool { return p.Match(text, s) })
}

// possible reports that the line holds what a match needs.
func (b *branch) possible(s *Scratch) bool {
	if len(b.literals) > 0 && !s.holdsAny(b.literals) {
		return false
	}
	lacks, _ := b.lacks(s)
	return !lacks
}
