package match

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// MaxLine bounds what an expression sees of one line (FAULTS D7).
const MaxLine = 4096

// maxBranches and maxLiterals keep the numbers of branches and of entries, of which a
// literal may have two, inside those of the search tables.
const maxBranches, maxLiterals = 1 << 16, 1<<15 - 1

// Set is many patterns that are looked for at once. It is immutable and safe for concurrent
// use.
type Set struct {
	patterns []compiled
	// places says which pattern and branch a number of the search table means.
	places []place
	search *searcher
	// always are branches without a usable literal; they are tried on every line.
	always []uint16
	// asPrinted is how many of the places belong to patterns as printed; they come first.
	asPrinted uint16
}

type place struct{ pattern, branch uint16 }

// NewSet joins patterns; their numbers run through all groups. Those as printed come first.
func NewSet(groups ...Compiled) (*Set, error) {
	t := &Set{}
	var known *index
	for _, g := range groups {
		t.patterns = append(t.patterns, g.patterns...)
		if known = g.index; len(g.patterns) < len(t.patterns) {
			known = nil // the numbers of its branches are others here
		}
	}
	for p, pattern := range t.patterns {
		for b := range pattern.size {
			t.places = append(t.places, place{uint16(p), uint16(b)})
		}
		if pattern.AsPrinted {
			t.asPrinted = uint16(len(t.places))
		}
	}
	if len(t.places) > maxBranches {
		return nil, fmt.Errorf("cannot use rules with %d alternatives: at most %d", len(t.places), maxBranches)
	}
	if known == nil {
		known = indexOf(t.patterns)
	}
	if len(known.literals) > maxLiterals {
		return nil, fmt.Errorf("cannot use rules with %d words to look for: at most %d", len(known.literals), maxLiterals)
	}
	t.always = known.always
	t.search = newSearcher(*known)
	return t, nil
}

// Fits reports why patterns fill more than a share of the search tables; nil when they do not.
func (c Compiled) Fits(share float64) error {
	branches := 0
	for _, pattern := range c.patterns {
		branches += pattern.size
	}
	if words, most := len(c.indexed().literals), int(share*maxLiterals); words > most {
		return fmt.Errorf("cannot use rules with %d words to look for: at most %d", words, most)
	}
	if most := int(share * maxBranches); branches > most {
		return fmt.Errorf("cannot use rules with %d alternatives: at most %d", branches, most)
	}
	return nil
}

func (c Compiled) indexed() *index {
	if c.index != nil {
		return c.index
	}
	return indexOf(c.patterns)
}

// Scratch holds the buffers of one caller, so that a line that matches nothing costs no
// allocation, and the line that was looked at last. It belongs to one Set, and must not be
// shared between goroutines.
type Scratch struct {
	ids    []uint16
	lower  []byte
	ends   []int
	clean  []byte
	plain  []byte
	cache  negativeCache
	ngrams ngramFilter
}

// Lower is the line that is looked at, in lower case.
func (s *Scratch) Lower() []byte { return s.lower }

// TakeLower sets it.
func (s *Scratch) TakeLower(line string) {
	s.take(append(s.lower[:0], strings.ToLower(line)...))
}

// Hit is told a pattern that holds on a line, and where: line is without what drives a terminal.
// One pattern may be told several times in a row. It returns false to hear of no other.
type Hit func(pattern int, line []byte, from, to int) bool

// Line calls hit for the patterns that hold on a line, in their order.
func (t *Set) Line(line []byte, s *Scratch, hit Hit) {
	t.Try(t.find(line, s), s, hit)
}

// find gathers the words of one line, and returns it without escape sequences.
func (t *Set) find(line []byte, s *Scratch) []byte {
	line = withoutEscapes(Shown(line), s)
	s.ids = s.ids[:0]
	t.search.find(line[:min(len(line), MaxLine)], func(_ int, ids []uint16) { s.ids = append(s.ids, ids...) })
	return line
}

// Try is Line for one whose words were found already, by Block.
func (t *Set) Try(line []byte, s *Scratch, hit Hit) {
	if len(s.ids) == 0 && len(t.always) == 0 {
		return
	}
	line = line[:min(len(line), MaxLine)]
	class := s.cache.ask(s.ids, line)
	if class.harmless {
		return
	}
	if out, anyNumbers := t.ruledOut(line, s); out {
		class.numbers = !anyNumbers
		s.cache.keep(class)
		return
	}
	line = clean(line, s)
	s.lower = innerQuotes(appendLower(s.lower[:0], line)) // its pieces are known, or known to be unknown
	s.ids = append(s.ids, t.always...)
	slices.Sort(s.ids)
	s.ids = slices.Compact(s.ids)
	for _, id := range s.ids {
		p := t.places[id]
		pattern := &t.patterns[p.pattern]
		branch := &pattern.branches()[p.branch]
		if lacks, anyNumbers := branch.lacks(s); lacks {
			class.numbers = class.numbers || !anyNumbers
			continue
		}
		class.numbers = true
		at := pattern.find(branch, line, s.lower)
		if at != nil && !hit(int(p.pattern), line, at[0], at[1]) {
			return
		}
	}
	s.cache.keep(class)
}

// ruledOut reports that none of the branches in s can hold on a line as it was printed: something
// that a match needs beside the word that was found is not there; and whether that would be so
// whatever the numbers of the line were.
func (t *Set) ruledOut(line []byte, s *Scratch) (out, anyNumbers bool) {
	if learned := s.ngrams.learnPrinted(line); !learned || len(t.always) > 0 {
		return false, false
	}
	anyNumbers = true
	for _, id := range s.ids {
		p := t.places[id]
		lacks, any := t.patterns[p.pattern].branches()[p.branch].surelyLacks(s)
		if !lacks {
			return false, false
		}
		anyNumbers = anyNumbers && any
	}
	return true, anyNumbers
}

// Block calls each for the lines of a block that hold a word of some pattern, in order; it
// may then Try them. It searches all of them at once: lines without any word are never looked at
// by themselves. may is asked first, and told whether a pattern as printed looks for one of the
// words.
func (t *Set) Block(block []byte, s *Scratch, may func(asPrinted bool) bool, each func(line []byte)) {
	if len(t.always) > 0 {
		t.eachLine(block, s, may, each)
		return
	}
	tell := func(line []byte) {
		if may(t.anyAsPrinted(s.ids)) {
			each(bytes.TrimSuffix(line, []byte("\r")))
		}
	}
	block = withoutEscapes(block, s)
	from, to := 0, 0 // the line whose literals are being gathered
	s.ids = s.ids[:0]
	t.search.find(block, func(at int, ids []uint16) {
		if at >= to {
			if len(s.ids) > 0 {
				tell(block[from:to])
			}
			from, to = bounds(block, at)
			s.ids = s.ids[:0]
		}
		if at-from < MaxLine {
			s.ids = append(s.ids, ids...)
		}
	})
	if len(s.ids) > 0 {
		tell(block[from:to])
	}
}

// anyAsPrinted reports that one of some branches belongs to a pattern as printed.
func (t *Set) anyAsPrinted(ids []uint16) bool {
	return t.asPrinted > 0 && slices.ContainsFunc(ids, func(id uint16) bool { return id < t.asPrinted })
}

// eachLine is Block where some pattern has to be tried on every line.
func (t *Set) eachLine(block []byte, s *Scratch, may func(asPrinted bool) bool, each func(line []byte)) {
	asPrinted := t.anyAsPrinted(t.always)
	for line := range bytes.Lines(block) {
		if may(asPrinted) {
			each(t.find(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), s))
		}
	}
}

// bounds is the line around a place, without its end.
func bounds(block []byte, at int) (from, to int) {
	from = lastLineEnd(block[:at]) + 1
	if to = bytes.IndexByte(block[at:], '\n'); to < 0 {
		return from, len(block)
	}
	return from, at + to
}
