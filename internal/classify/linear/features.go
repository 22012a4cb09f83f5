package linear

import (
	"fmt"
	"slices"
	"strings"

	"healer-sidecar/internal/heal"
)

const (
	// bits is how many bits of a hash are used, Buckets how many features can be told apart.
	bits    = 16
	Buckets = 1 << bits
	// LastLines are the lines that are looked at, the last of those that say something, and
	// widest is how many bytes of each.
	LastLines, widest = 8, 320
	// shortest and longest are the lengths of the pieces of a line that are features.
	shortest, longest = 3, 5
)

// fnvOffset and fnvPrime are those of the FNV-1a hash (Fowler, Noll and Vo), spread is Knuth's
// multiplicative hash: the upper bits of FNV hardly depend on the last byte.
const (
	fnvOffset uint32 = 2166136261
	fnvPrime  uint32 = 16777619
	spread    uint32 = 0x9e3779b1
)

// The kinds of features, which are hashed apart. Words of the last line count twice: once as words of
// the output, once as the last words.
const (
	kindWord uint32 = iota + 1
	kindPair
	kindPiece
	kindEnd
	kindLastWord
	kindLastPair
)

// Buffer holds what one caller needs, so that scoring allocates nothing. It must not be shared
// between goroutines.
type Buffer struct {
	text []byte
	ids  []uint16
	seen [Buckets / 64]uint64
}

// Features are the buckets of what lines say and how the program ended (nil: it runs), each once. The
// slice is reused by the next call.
func (b *Buffer) Features(lines []string, exit *heal.Exit) []uint16 {
	b.ids = b.ids[:0]
	left := LastLines
	for _, line := range slices.Backward(lines) {
		if left == 0 {
			break
		}
		if b.normalise(line); len(b.text) <= 2 {
			continue
		}
		if left == LastLines {
			b.words(kindLastWord, kindLastPair)
		}
		b.words(kindWord, kindPair)
		b.pieces()
		left--
	}
	b.end("state", state(exit))
	if exit != nil {
		b.end("how", how(exit))
	}
	for _, id := range b.ids {
		b.seen[id/64] = 0
	}
	return b.ids
}

func state(exit *heal.Exit) string {
	if exit == nil {
		return "living"
	}
	return "dead"
}

// how names an end.
func how(exit *heal.Exit) string {
	switch {
	case exit.OOM:
		return "oom"
	case exit.Signal != "":
		return exit.Signal
	}
	return fmt.Sprint(exit.Code)
}

func (b *Buffer) end(name, value string) {
	h := mix(fnvOffset, kindEnd)
	for _, text := range [...]string{name, value} {
		for i := range len(text) {
			h = mix(h, uint32(text[i]))
		}
	}
	b.add(h)
}

func mix(h, v uint32) uint32 { return (h ^ v) * fnvPrime }

// add notes a feature once.
func (b *Buffer) add(h uint32) {
	id := uint16(h * spread >> (32 - bits))
	if bit := uint64(1) << (id % 64); b.seen[id/64]&bit == 0 {
		b.seen[id/64] |= bit
		b.ids = append(b.ids, id)
	}
}

// normalise sets the text to a line in lower case, between two spaces. Each gap is one space, each
// number is one 0 where it is zero and one 9 elsewhere: "0 failed" is not "3 failed". What follows
// the scheme of a URL is left out: its words are names.
func (b *Buffer) normalise(line string) {
	b.text = append(b.text[:0], ' ')
	line = line[:min(len(line), widest)]
	last, address := byte(' '), false
	for i := range len(line) {
		c := folded[line[i]]
		if address && c != ' ' && c != '"' && c != '\'' {
			continue
		}
		address = c == ':' && strings.HasPrefix(line[i:], "://")
		switch {
		case c == ' ' && last == ' ':
			continue
		case number(c) && number(last):
			last = max(c, last)
			b.text[len(b.text)-1] = last
			continue
		}
		last = c
		b.text = append(b.text, c)
	}
	if last != ' ' {
		b.text = append(b.text, ' ')
	}
}

func number(c byte) bool { return c == '0' || c == '9' }

// folded is the byte that a byte of a line is taken for.
var folded = func() (to [256]byte) {
	for i := range to {
		c := byte(i)
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c > '0' && c <= '9':
			c = '9'
		case c <= ' ' || c == 0x7f:
			c = ' '
		}
		to[i] = c
	}
	return to
}()

// ofWord says which bytes words are made of.
var ofWord = func() (is [256]bool) {
	for i := range is {
		is[i] = i >= 'a' && i <= 'z' || i == '0' || i == '9' || i == '_' || i >= 0x80
	}
	return is
}()

// words adds the words of the text and each pair of neighbours.
func (b *Buffer) words(word, pair uint32) {
	before, h, inside := uint32(0), uint32(0), false
	for _, c := range b.text {
		switch {
		case ofWord[c] && inside:
			h = mix(h, uint32(c))
		case ofWord[c]:
			h, inside = mix(mix(fnvOffset, word), uint32(c)), true
		case inside:
			b.add(h)
			if before != 0 {
				b.add(mix(mix(before, pair), h))
			}
			before, inside = h, false
		}
	}
}

// pieces adds all pieces of three to five bytes of the text.
func (b *Buffer) pieces() {
	for i := range b.text {
		h := mix(fnvOffset, kindPiece)
		for n, c := range b.text[i:min(i+longest, len(b.text))] {
			if h = mix(h, uint32(c)); n+1 >= shortest {
				b.add(h)
			}
		}
	}
}

// eachWord calls each for the words of a line, as they are hashed.
func (b *Buffer) eachWord(line string, each func(word []byte, id uint16)) {
	b.normalise(line)
	from := -1
	for i, c := range b.text {
		switch {
		case ofWord[c] && from < 0:
			from = i
		case !ofWord[c] && from >= 0:
			b.ids = b.ids[:0]
			whole := b.text
			b.text = whole[from : i+1]
			b.words(kindWord, kindPair)
			b.text = whole
			b.seen[b.ids[0]/64] = 0
			each(whole[from:i], b.ids[0])
			from = -1
		}
	}
}
