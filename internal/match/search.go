package match

import (
	"encoding/binary"
	"math/bits"
)

const (
	// windowSize is how many bytes one look takes in, stride how far the next one is
	// away: a literal of wholeWindow bytes holds a whole window wherever it stands.
	windowSize, stride = 4, 2
	wholeWindow        = windowSize + stride - 1
	// wideSize is what is asked with next; fiveSize for literals that are shorter, and for
	// those that are shorter than wholeWindow their first shortestSize bytes are looked for.
	wideSize, fiveSize, shortestSize = 2 * windowSize, 5, 3

	// The masks make letters of both cases alike, and some bytes that are none: the fewer
	// there are, the fewer windows have to pass for what is shorter than one.
	foldMask     = 0xa0a0a0a0
	wideFoldMask = 0xa0a0a0a0a0a0a0a0
	fiveMask     = 1<<(8*fiveSize) - 1
	shortestMask = 1<<(8*shortestSize) - 1
	fiveShift    = 8 * (wideSize - fiveSize)
)

// searcher finds which of many literals occur in a text, ignoring ASCII case, in
// one pass. It looks at every second place only: four bytes, folded and hashed, ask a
// filter of one bit whether any literal holds them. Most places end there; the others ask
// with up to eight bytes before they compare anything in full. The case fold of the
// filter is coarse, that of the comparison exact.
type searcher struct {
	index
	filter filter
	// after and before hold eight bytes of long literals that begin, or end, with a window;
	// fiveAfter and fiveBefore five of shorter ones.
	after, before, fiveAfter, fiveBefore table
	// shortest holds the first bytes of the shortest literals, which begin with a window or one
	// byte behind its beginning.
	shortest table
}

// newSearcher builds the tables.
func newSearcher(x index) *searcher {
	s := &searcher{index: x}
	for n, lit := range x.literals {
		if len(lit.text) < wholeWindow {
			s.addShortest(n, lit)
			continue
		}
		s.addWindow(n, lit.text, int(lit.at))
		s.addWindow(n, lit.text, int(lit.at)+1)
	}
	return s
}

func (s *searcher) addWindow(n int, lit string, k int) {
	s.filter.add(load([]byte(lit[k : k+windowSize])))
	switch {
	case k+wideSize <= len(lit):
		s.after.add(loadWide([]byte(lit[k:k+wideSize])), n, k)
	case k >= wideSize-windowSize:
		s.before.add(loadWide([]byte(lit[k+windowSize-wideSize:k+windowSize])), n, k)
	case k+fiveSize <= len(lit):
		s.fiveAfter.add(wideAt([]byte(lit), k)&fiveMask, n, k)
	default:
		s.fiveBefore.add(wideAt([]byte(lit), k-1)&fiveMask, n, k)
	}
}

// addShortest lets every window through that may hold the beginning of the literal in
// its first or its last three bytes.
func (s *searcher) addShortest(n int, lit literal) {
	word := load([]byte(lit.text[:shortestSize]+"\x00")) & shortestMask
	for b := range 256 {
		four := word | uint32(b)<<(8*shortestSize) | foldMask
		switch {
		case len(lit.text) > shortestSize && byte(b) != lit.text[shortestSize]:
		case len(lit.text) == shortestSize && lit.last && WordByte(byte(b)):
		default:
			s.filter.add(four)
		}
		if !lit.first || !WordByte(byte(b)) {
			s.filter.add(word<<8 | uint32(b) | foldMask)
		}
	}
	s.shortest.add(uint64(word), n, 0)
}

func load(text []byte) uint32     { return binary.LittleEndian.Uint32(text) | foldMask }
func loadWide(text []byte) uint64 { return binary.LittleEndian.Uint64(text) | wideFoldMask }

// wideAt is loadWide where the text may end, or not have begun.
func wideAt(text []byte, from int) uint64 {
	if from >= 0 && from+wideSize <= len(text) {
		return loadWide(text[from:])
	}
	var b [wideSize]byte
	for i := range b {
		if at := from + i; at >= 0 && at < len(text) {
			b[i] = text[at]
		}
	}
	return loadWide(b[:])
}

// rarest is where a literal holds the two neighbouring windows that usual text holds
// least.
func rarest(lit string) uint8 {
	best, at := 0.0, uint8(0)
	here := frequency(lit[:windowSize])
	for k := 0; k+wholeWindow <= len(lit) && k < 255; k++ {
		next := frequency(lit[k+1 : k+1+windowSize])
		if f := here + next; k == 0 || f < best {
			best, at = f, uint8(k)
		}
		here = next
	}
	return at
}

// found is told the ids of a literal, with the place where it was found.
type found func(at int, ids []uint16)

// find calls hit for every literal in the text, line by line; it may repeat one.
func (s *searcher) find(text []byte, hit found) {
	i := s.some(text, 0, wideSize-windowSize, hit)
	i = s.most(text, i, hit)
	s.some(text, i, len(text), hit)
}

// some looks at the windows of a part of the text one by one, and returns where it stopped.
func (s *searcher) some(text []byte, i, end int, hit found) int {
	for ; i < min(end, len(text)); i += stride {
		if i+windowSize > len(text) || s.filter.has(load(text[i:])) != 0 { // a short literal may stand at the end
			s.look(text, i, inAny, hit)
		}
	}
	return i
}

const (
	// stepSize is how much text is asked about at once; a word has a bit for each window of
	// stepsOfWord steps.
	stepSize, stepsOfWord = 32, 64 * stride / 32
	wordsAtOnce           = 16
	// placesAtOnce is how many windows are gathered, at least, before they are looked at.
	placesAtOnce = 64
)

// most looks at the windows of as much of the text as whole steps take in, and returns where
// it stopped. What passes the filter is gathered first, and asked about together: one by one,
// guesses of the processor that turn out wrong would cost more than everything else.
func (s *searcher) most(text []byte, i int, hit found) int {
	var passed [wordsAtOnce]uint64
	var places [placesAtOnce + 64]int
	n := 0
	for {
		steps := min((len(text)-i-wideSize)/stepSize, wordsAtOnce*stepsOfWord)
		if steps <= 0 {
			s.lookAt(text, places[:n], hit)
			return i
		}
		for w, p := range passing(&s.filter, text[i:], steps, &passed) {
			for ; p != 0; p &= p - 1 {
				places[n] = i + stride*(64*w+bits.TrailingZeros64(p))
				n++
			}
			if n >= placesAtOnce {
				s.lookAt(text, places[:n], hit)
				n = 0
			}
		}
		i += steps * stepSize
	}
}

// What may hold the bytes around a window, a bit for each way to ask.
const (
	inAfter = 1 << iota
	inBefore
	inFiveAfter
	inFiveBefore
	inShortest
	inShortestNext
	waysToAsk = iota
	inAny     = 1<<waysToAsk - 1
)

// lookAt looks at windows that have passed the filter. Few hold what may be a literal, and it
// branches for those only.
func (s *searcher) lookAt(text []byte, places []int, hit found) {
	n := 0
	for _, i := range places {
		after, before := loadWide(text[i:]), loadWide(text[i+windowSize-wideSize:])
		in := s.after.has(after)*inAfter | s.before.has(before)*inBefore |
			s.fiveAfter.has(after&fiveMask)*inFiveAfter | s.fiveBefore.has(before>>fiveShift)*inFiveBefore |
			s.shortest.has(after&shortestMask)*inShortest | s.shortest.has(after>>8&shortestMask)*inShortestNext
		places[n] = i<<waysToAsk | int(in)
		n += int((in + inAny) >> waysToAsk)
	}
	for _, p := range places[:n] {
		s.look(text, p>>waysToAsk, p&inAny, hit)
	}
}

// look asks with the bytes around a window, and compares what may hold them.
func (s *searcher) look(text []byte, i, in int, hit found) {
	after, before := wideAt(text, i), wideAt(text, i+windowSize-wideSize)
	if in&inAfter != 0 {
		s.after.compare(s, text, i, after, hit)
	}
	if in&inBefore != 0 {
		s.before.compare(s, text, i, before, hit)
	}
	if in&inFiveAfter != 0 {
		s.fiveAfter.compare(s, text, i, after&fiveMask, hit)
	}
	if in&inFiveBefore != 0 {
		s.fiveBefore.compare(s, text, i, before>>fiveShift, hit)
	}
	if in&inShortest != 0 {
		s.shortest.compare(s, text, i, after&shortestMask, hit)
	}
	if in&inShortestNext != 0 {
		s.shortest.compare(s, text, i+1, after>>8&shortestMask, hit)
	}
}

// compare looks at the literals that may stand around a place i.
func (t *table) compare(s *searcher, text []byte, i int, key uint64, hit found) {
	for n := t.heads[bucket(key)]; n != 0; {
		e := &t.entries[n-1]
		n = e.next
		if e.key != key {
			continue
		}
		if at := i - int(e.at); at >= 0 && at <= len(text) && s.literals[e.literal].standsAt(text, at) {
			hit(at, s.idsOf(int(e.literal)))
		}
	}
}
