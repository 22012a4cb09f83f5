package match

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// unbounded is a gap of any width.
const unbounded = 1 << 20

// maxEnds bounds the work on one line.
const maxEnds = 300

// link is a set of words of which every match holds one, at most gap runes behind the word
// of the link before it. Whether a line holds such a chain is told a hundred times as fast as
// an expression with wide gaps is tried.
type link struct {
	words []literal
	gap   int
}

// linksOf are the links of the pieces of an expression, in order.
func linksOf(parts []piece) []link {
	var all []link
	gap := 0
	for _, p := range parts {
		slack := p.width // a word may stand anywhere in a part that is not spelled out
		if p.exact {
			slack = 0
		}
		if !p.tells() {
			gap += p.width
			continue
		}
		all = append(all, link{spelled(p.set), min(gap+slack, unbounded)})
		gap = slack
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// linkDigits says that some word of the links holds a digit.
func linkDigits(links []link) bool {
	return slices.ContainsFunc(links, func(l link) bool { return anyDigit(l.words) })
}

// linked reports that the line, in lower case, holds a word of each link, in order and near
// enough.
func (b *branch) linked(s *Scratch) bool {
	if !b.mayLink(s) {
		return false
	}
	if len(b.links) == 0 {
		return true
	}
	wide := 1
	if slices.ContainsFunc(s.lower, func(b byte) bool { return b >= utf8.RuneSelf }) {
		wide = utf8.UTFMax
	}
	s.ends = s.ends[:0]
	before := 0 // where the ends of the link before begin
	for i, l := range b.links {
		here := len(s.ends)
		for _, w := range l.words {
			if !s.mayHold(&w) {
				continue
			}
			s.ends = w.behind(s.lower, s.ends, s.ends[before:here], i == 0, l.gap*wide)
		}
		switch before = here; {
		case len(s.ends) == here:
			return false
		case len(s.ends) > maxEnds: // the same word again and again: let the expression see to it
			return true
		}
	}
	return true
}

// mayLink is false where the line lacks all words of a link.
func (b *branch) mayLink(s *Scratch) bool {
	return !slices.ContainsFunc(b.links, func(l link) bool { return !s.mayHoldAny(l.words) })
}

// behind adds to ends where the literal ends in a line: anywhere, or at most a gap behind one of
// some places.
func (l *literal) behind(line []byte, ends, places []int, anywhere bool, gap int) []int {
	for at := l.next(line, 0); at >= 0; at = l.next(line, at+1) {
		near := func(end int) bool { return at >= end && at <= end+gap }
		if anywhere || slices.ContainsFunc(places, near) {
			ends = append(ends, at+len(l.text))
		}
	}
	return ends
}

// next is where a literal stands next in a text, or -1.
func (l *literal) next(text []byte, from int) int {
	for from < len(text) {
		at := bytes.Index(text[from:], []byte(l.text))
		if at < 0 {
			return -1
		}
		if from += at; l.standsAt(text, from) {
			return from
		}
		from++
	}
	return -1
}
