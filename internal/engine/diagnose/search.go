package diagnose

import "slices"

// searcher finds which of many literals occur in a text, ignoring ASCII case, in
// one pass: an Aho-Corasick automaton unrolled into a table over byte classes.
type searcher struct {
	class [256]uint8
	// width is the number of byte classes; class 0 is "occurs in no literal".
	width int
	// next[state*width+class] is the following state.
	next []uint16
	// out lists, per state, the ids of the literals that end there.
	out [][]uint16
	// accepting[state] spares the look into out on the hot path.
	accepting []bool
}

// newSearcher builds the automaton. ids[i] are reported when literals[i] is found.
func newSearcher(literals []string, ids [][]uint16) *searcher {
	s := &searcher{width: 1}
	most := 1
	for _, lit := range literals {
		most += len(lit)
		for i := range len(lit) {
			s.addClass(lit[i])
		}
	}
	s.next = make([]uint16, 0, most*s.width)
	s.grow()
	for i, lit := range literals {
		s.insert(lit, ids[i])
	}
	s.link()
	s.next = slices.Clip(s.next)
	return s
}

func (s *searcher) addClass(b byte) {
	b = lowerByte(b)
	if s.class[b] != 0 {
		return
	}
	s.class[b] = uint8(s.width)
	if b >= 'a' && b <= 'z' {
		s.class[b-32] = uint8(s.width)
	}
	s.width++
}

func (s *searcher) grow() uint16 {
	id := len(s.out)
	s.next = s.next[:len(s.next)+s.width]
	s.out = append(s.out, nil)
	s.accepting = append(s.accepting, false)
	return uint16(id)
}

// insert adds one literal to the trie. Literals past the state limit are left
// out by the caller's own cap on rules; 200 rules use about 4,000 states.
func (s *searcher) insert(lit string, ids []uint16) {
	state := uint16(0)
	for i := range len(lit) {
		at := int(state)*s.width + int(s.class[lowerByte(lit[i])])
		if s.next[at] == 0 {
			id := s.grow()
			s.next[at] = id
		}
		state = s.next[at]
	}
	s.out[state] = append(s.out[state], ids...)
	s.accepting[state] = true
}

// link turns the trie into an automaton: a missing edge becomes the edge of the
// longest proper suffix that is itself a prefix of some literal.
func (s *searcher) link() {
	fail := make([]uint16, len(s.out))
	queue := make([]uint16, 0, len(s.out))
	for c := range s.width {
		if to := s.next[c]; to != 0 {
			queue = append(queue, to)
		}
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		for c := range s.width {
			at := int(state)*s.width + c
			suffix := s.next[int(fail[state])*s.width+c]
			if s.next[at] == 0 {
				s.next[at] = suffix
				continue
			}
			to := s.next[at]
			fail[to] = suffix
			s.out[to] = append(s.out[to], s.out[suffix]...)
			s.accepting[to] = len(s.out[to]) > 0
			queue = append(queue, to)
		}
	}
}

// find appends to hits the ids of all literals in text, possibly repeated.
func (s *searcher) find(text []byte, hits []uint16) []uint16 {
	state, width := 0, s.width
	next, accepting := s.next, s.accepting
	for _, b := range text {
		state = int(next[state*width+int(s.class[b])])
		if accepting[state] {
			hits = append(hits, s.out[state]...)
		}
	}
	return hits
}

func lowerByte(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 32
	}
	return b
}
