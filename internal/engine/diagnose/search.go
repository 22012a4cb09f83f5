package diagnose

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

	foldMask     = 0x20202020
	wideFoldMask = 0x2020202020202020
	fourMask     = 1<<(8*windowSize) - 1
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
	literals []literal
	// ids[n] are reported when literals[n] is found.
	ids    [][]uint16
	filter filter
	// after and before hold eight bytes of long literals that begin, or end, with a window;
	// fiveAfter and fiveBefore five of shorter ones.
	after, before, fiveAfter, fiveBefore table
	// here and next hold four bytes that begin with one of the shortest: at the window, or one
	// byte behind it.
	here, next bitset
	shortest   chains
}

// newSearcher builds the tables. ids[i] are reported when literals[i], in lower case,
// is found.
func newSearcher(literals []literal, ids [][]uint16) *searcher {
	s := &searcher{literals: literals, ids: ids}
	for n, lit := range literals {
		if len(lit.text) < wholeWindow {
			s.addShortest(n, lit.text)
			continue
		}
		at := rarest(lit.text)
		for _, k := range []int{at, at + 1} {
			s.addWindow(n, lit.text, k)
		}
	}
	return s
}

func (s *searcher) addWindow(n int, lit string, k int) {
	s.filter.add(load([]byte(lit[k:])))
	switch {
	case k+wideSize <= len(lit):
		s.after.add(loadWide([]byte(lit[k:])), n, k)
	case k >= wideSize-windowSize:
		s.before.add(loadWide([]byte(lit[k+windowSize-wideSize:])), n, k)
	case k+fiveSize <= len(lit):
		s.fiveAfter.add(wideAt([]byte(lit), k)&fiveMask, n, k)
	default:
		s.fiveBefore.add(wideAt([]byte(lit), k-1)&fiveMask, n, k)
	}
}

// addShortest lets every window through that may hold the beginning of the literal in
// its first or its last three bytes.
func (s *searcher) addShortest(n int, lit string) {
	word := load([]byte(lit[:shortestSize]+"\x00")) & shortestMask
	for b := range 256 {
		if len(lit) == shortestSize || byte(b) == lit[shortestSize] {
			four := word | uint32(b)<<24 | foldMask
			s.filter.add(four)
			s.here.add(uint64(four))
			s.next.add(uint64(four))
		}
		s.filter.add(word<<8 | uint32(b) | foldMask)
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
func rarest(lit string) int {
	best, at := 0.0, 0
	for k := 0; k+wholeWindow <= len(lit) && k < 255; k++ {
		f := frequency(lit[k:k+windowSize]) + frequency(lit[k+1:k+1+windowSize])
		if k == 0 || f < best {
			best, at = f, k
		}
	}
	return at
}

// found is told the ids of a literal, with the place where it was found.
type found func(at int, ids []uint16)

// find calls hit for every literal in the text, line by line; it may repeat one.
func (s *searcher) find(text []byte, hit found) {
	i := 0
	if wideFilter {
		i = s.findWide(text, hit)
	}
	for ; i < len(text); i += stride {
		if i+windowSize > len(text) || s.filter.holds(load(text[i:])) { // a short literal may stand at the end
			s.look(text, i, hit)
		}
	}
}

// The steps that are asked about at once, and their size.
const stepSize, stepsAtOnce = 32, 128

// findWide is find for as much of the text as whole steps take in, and returns how
// much that was.
func (s *searcher) findWide(text []byte, hit found) int {
	var passed [stepsAtOnce]uint16
	i := 0
	for {
		steps := min((len(text)-i-stride)/stepSize, stepsAtOnce)
		if steps <= 0 {
			return i
		}
		passing(&text[i], steps, &s.filter[0], &passed[0])
		for n, p := range passed[:steps] {
			for m := spread[p&0xff] | spread[p>>8]<<1; m != 0; m &= m - 1 {
				s.look(text, i+n*stepSize+stride*bits.TrailingZeros16(m), hit)
			}
		}
		i += steps * stepSize
	}
}

// spread puts the bits of a byte on every second place.
var spread = func() (all [256]uint16) {
	for b := range all {
		for bit := range 8 {
			all[b] |= uint16(b>>bit&1) << (2 * bit)
		}
	}
	return all
}()

// look asks with the bytes around a window that has passed the filter, and compares what
// may hold them.
func (s *searcher) look(text []byte, i int, hit found) {
	if i < wideSize-windowSize || i+wideSize > len(text) {
		s.compareAll(text, i, wideAt(text, i), wideAt(text, i+windowSize-wideSize), hit)
		return
	}
	after, before := loadWide(text[i:]), loadWide(text[i+windowSize-wideSize:])
	if s.after.has(after)|s.before.has(before)|
		s.fiveAfter.has(after&fiveMask)|s.fiveBefore.has(before>>fiveShift)|
		s.here.has(after&fourMask)|s.next.has(after>>8&fourMask) != 0 {
		s.compareAll(text, i, after, before, hit)
	}
}

// compareAll goes through the tables that hold the bytes around a window.
func (s *searcher) compareAll(text []byte, i int, after, before uint64, hit found) {
	s.after.compare(s, text, i, after, hit)
	s.before.compare(s, text, i, before, hit)
	s.fiveAfter.compare(s, text, i, after&fiveMask, hit)
	s.fiveBefore.compare(s, text, i, before>>fiveShift, hit)
	if s.here.has(after&fourMask) != 0 {
		s.compare(&s.shortest, text, i, after&shortestMask, hit)
	}
	if s.next.has(after>>8&fourMask) != 0 {
		s.compare(&s.shortest, text, i+1, after>>8&shortestMask, hit)
	}
}

// compare looks at the literals of a table of a window at i.
func (t *table) compare(s *searcher, text []byte, i int, key uint64, hit found) {
	if t.has(key) != 0 {
		s.compare(&t.chains, text, i, key, hit)
	}
}

// compare looks at the literals of a chain of a window at i.
func (s *searcher) compare(c *chains, text []byte, i int, key uint64, hit found) {
	for n := c.heads[bucket(key)]; n != 0; {
		e := &c.entries[n-1]
		n = e.next
		if e.key != key {
			continue
		}
		if at := i - int(e.at); at >= 0 && at <= len(text) && s.literals[e.literal].standsAt(text, at) {
			hit(at, s.ids[e.literal])
		}
	}
}
