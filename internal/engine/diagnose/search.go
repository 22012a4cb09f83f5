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
	// wideSize is what is looked at next; of literals that are shorter than wholeWindow
	// the first shortSize bytes are looked for.
	wideSize  = 2 * windowSize
	shortSize = 3
	// filterBits makes a filter that stays in the second cache, and passes little.
	filterBits   = 20
	filterWords  = 1 << filterBits / 64
	bucketBits   = 13
	kindBits     = 14
	foldMask     = 0x20202020
	wideFoldMask = 0x2020202020202020
	shortMask    = 0x00ffffff
	// hashFactor and wideFactor are 2^32 and 2^64 divided by the golden ratio.
	hashFactor = 0x9e3779b1
	wideFactor = 0x9e3779b97f4a7c15
)

// searcher finds which of many literals occur in a text, ignoring ASCII case, in
// one pass. It looks at every second place only: four bytes, folded and hashed, ask a
// filter of one bit whether any literal holds them. Most places end there; the others
// look for eight bytes before they compare anything in full. The case fold of the
// filter is coarse, that of the comparison exact.
type searcher struct {
	filter [filterWords]uint64
	// kinds say in which tables a window is worth looking for.
	kinds    [1 << kindBits]uint8
	literals []literal
	// ids[n] are reported when literals[n] is found.
	ids [][]uint16
	// wide hold eight bytes of long literals that begin, or end, with a window; narrow
	// the windows of shorter ones, shorts the beginnings of the shortest.
	wideAfter, wideBefore, narrow, shorts chains
}

// literal is a text in lower case. One that stands alone has no letter, digit or
// underscore beside it.
type literal struct {
	text  string
	alone bool
}

// chain links entries of one bucket; next is one more than an index, 0 for the end.
type chain struct {
	key           uint64
	literal, next uint16
	// at is where in the literal the window begins.
	at uint8
}

// chains is a table from a few bytes of text to the literals that hold them.
type chains struct {
	heads   [1 << bucketBits]uint16
	entries []chain
}

func bucket(key uint64) uint64 { return key * wideFactor >> (64 - bucketBits) }

func (c *chains) add(key uint64, literal, at int) {
	head := &c.heads[bucket(key)]
	c.entries = append(c.entries, chain{key, uint16(literal), *head, uint8(at)})
	*head = uint16(len(c.entries))
}

// newSearcher builds the tables. ids[i] are reported when literals[i], in lower case,
// is found.
func newSearcher(literals []literal, ids [][]uint16) *searcher {
	s := &searcher{literals: literals, ids: ids}
	for n, lit := range literals {
		if len(lit.text) < wholeWindow {
			s.addShort(n, lit.text)
			continue
		}
		at := rarest(lit.text)
		for _, k := range []int{at, at + 1} {
			s.addWindow(n, lit.text, k)
		}
	}
	return s
}

// The tables of windows, as kinds name them.
const (
	inWideAfter uint8 = 1 << iota
	inWideBefore
	inNarrow
)

func (s *searcher) addWindow(n int, lit string, k int) {
	window := load([]byte(lit[k:]))
	s.set(window)
	kind := &s.kinds[window*hashFactor>>(32-kindBits)]
	switch {
	case k+wideSize <= len(lit):
		*kind |= inWideAfter
		s.wideAfter.add(loadWide([]byte(lit[k:])), n, k)
	case k >= windowSize:
		*kind |= inWideBefore
		s.wideBefore.add(loadWide([]byte(lit[k-windowSize:])), n, k)
	default:
		*kind |= inNarrow
		s.narrow.add(uint64(window), n, k)
	}
}

// addShort lets every window through that may hold the beginning of the literal in
// its first or its last three bytes.
func (s *searcher) addShort(n int, lit string) {
	word := load([]byte(lit[:shortSize]+"\x00")) & shortMask
	for b := range 256 {
		if len(lit) == shortSize || byte(b) == lit[shortSize] {
			s.set(word | uint32(b)<<24 | foldMask)
		}
		s.set(word<<8 | uint32(b) | foldMask)
	}
	s.shorts.add(uint64(word), n, 0)
}

func (s *searcher) set(window uint32) {
	h := window * hashFactor >> (32 - filterBits)
	s.filter[h/64] |= 1 << (h % 64)
}

func load(text []byte) uint32     { return binary.LittleEndian.Uint32(text) | foldMask }
func loadWide(text []byte) uint64 { return binary.LittleEndian.Uint64(text) | wideFoldMask }

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

// find calls hit for the ids of every literal in the text, with the place where it
// was found; it may repeat one.
func (s *searcher) find(text []byte, hit func(at int, ids []uint16)) {
	i := 0
	if wideFilter {
		i = s.findWide(text, hit)
	}
	for ; i+windowSize <= len(text); i += stride {
		h := load(text[i:]) * hashFactor >> (32 - filterBits)
		if s.filter[h/64]&(1<<(h%64)) != 0 {
			s.look(text, i, load(text[i:]), hit)
		}
	}
	for ; i < len(text); i += stride { // a short literal may stand at the end
		var tail [windowSize]byte
		copy(tail[:], text[i:])
		s.look(text, i, load(tail[:]), hit)
	}
}

// stepSize is how many bytes the windows lie in that are asked about at once.
const stepSize = 32

// findWide is find for as much of the text as whole steps take in, and returns how
// much that was.
func (s *searcher) findWide(text []byte, hit func(at int, ids []uint16)) int {
	i := 0
	for i < len(text) {
		at, even, odd := passing(&text[i], len(text)-i, &s.filter[0])
		i += at
		if even|odd == 0 {
			break
		}
		for m := spread[even] | spread[odd]<<1; m != 0; m &= m - 1 {
			w := i + stride*bits.TrailingZeros16(m)
			s.look(text, w, load(text[w:]), hit)
		}
		i += stepSize
	}
	return i
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

// look compares the literals that may hold the window at i.
func (s *searcher) look(text []byte, i int, window uint32, hit func(at int, ids []uint16)) {
	if kind := s.kinds[window*hashFactor>>(32-kindBits)]; kind != 0 {
		s.lookWide(text, i, window, kind, hit)
	}
	if key := uint64(window & shortMask); s.shorts.heads[bucket(key)] != 0 {
		s.compare(&s.shorts, text, i, key, hit)
	}
	if key := uint64(window >> 8); s.shorts.heads[bucket(key)] != 0 {
		s.compare(&s.shorts, text, i+1, key, hit)
	}
}

func (s *searcher) lookWide(text []byte, i int, window uint32, kind uint8, hit func(at int, ids []uint16)) {
	if kind&inWideAfter != 0 && i+wideSize <= len(text) {
		s.compare(&s.wideAfter, text, i, loadWide(text[i:]), hit)
	}
	if kind&inWideBefore != 0 && i >= windowSize && i+windowSize <= len(text) {
		s.compare(&s.wideBefore, text, i, loadWide(text[i-windowSize:]), hit)
	}
	if kind&inNarrow != 0 {
		s.compare(&s.narrow, text, i, uint64(window), hit)
	}
}

func (s *searcher) compare(c *chains, text []byte, i int, key uint64, hit func(at int, ids []uint16)) {
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

// standsAt reports that a text holds the literal at a place.
func (l *literal) standsAt(text []byte, at int) bool {
	end := at + len(l.text)
	if end > len(text) {
		return false
	}
	for i := range len(l.text) {
		if lowerByte(text[at+i]) != l.text[i] {
			return false
		}
	}
	return !l.alone || (at == 0 || !wordByte(text[at-1])) && (end == len(text) || !wordByte(text[end]))
}

func wordByte(b byte) bool {
	b = lowerByte(b)
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_'
}

func lowerByte(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 32
	}
	return b
}
