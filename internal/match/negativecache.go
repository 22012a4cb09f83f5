package match

import "hash/maphash"

// cacheSize is how many kinds of lines are remembered.
const cacheSize = 512

// negativeCache remembers lines that hold words of rules and lack what a match needs beside them,
// whatever their numbers are: programs print the same few lines again and again. It belongs
// to one classifier, like the Scratch that it is part of. A line is told by 64 bits of a hash
// with a seed of this process, so that nobody can make one that is taken for another.
type negativeCache struct {
	seed maphash.Seed
	seen []uint64
	text []byte
}

// lineClass is a kind of line: equal but for the digits.
type lineClass struct {
	key uint64
	// harmless says that it is known, numbers that its numbers matter.
	harmless, numbers bool
}

// ask looks up a line, as it was printed, on which the literals of some branches were found.
func (m *negativeCache) ask(ids []uint16, line []byte) lineClass {
	if m.seen == nil {
		m.seed, m.seen = maphash.MakeSeed(), make([]uint64, cacheSize)
	}
	m.text = append(m.text[:0], line...)
	zeroDigits(m.text)
	for _, id := range ids {
		m.text = append(m.text, byte(id), byte(id>>8))
	}
	key := maphash.Bytes(m.seed, m.text) | 1 // never that of an empty place
	return lineClass{key: key, harmless: m.seen[key/2%cacheSize] == key}
}

// keep remembers a kind of line on which nothing was found.
func (m *negativeCache) keep(k lineClass) {
	if !k.numbers {
		m.seen[k.key/2%cacheSize] = k.key
	}
}
