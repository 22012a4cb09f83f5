package diagnose

import (
	"bytes"
	"slices"
)

// trigramSize is how many bytes a trigram has, trigramBits how large the set of them is.
const (
	trigramSize = 3
	trigramBits = 12
)

// trigrams is the set of all trigrams of a line in lower case, by a hash. Rules look for dozens
// of words beside the one that was found; the set rules out nearly all of them at a look each.
type trigrams struct {
	// turn is that of the present line; what bears another is of an earlier one. Most agents
	// never print a line that needs the set.
	turn  uint8
	turns *[1 << trigramBits]uint8
	known bool
}

// sign is two trigrams of a word, the rarest one among them; zero, which every line holds,
// where the word has none.
type sign struct{ one, other uint16 }

func signOf(word string) (s sign) {
	least := -1
	for i := 0; i+trigramSize <= len(word); i++ {
		at := uint16(trigram(uint32(word[i]) | uint32(word[i+1])<<8 | uint32(word[i+2])<<16))
		switch n := usualWindows()[word[i:i+trigramSize]]; {
		case least < 0 || n < least:
			least, s = n, sign{at, s.one}
		case s.other == 0:
			s.other = at
		}
	}
	return s
}

// trigram is the place of three bytes in the set.
func trigram(three uint32) uint32 { return three * hashFactor >> (32 - trigramBits) }

func (t *trigrams) learn(line []byte) {
	if t.turn++; t.turns == nil || t.turn == 0 {
		t.turns, t.turn = new([1 << trigramBits]uint8), 1
	}
	t.known, t.turns[0] = true, t.turn
	if len(line) < trigramSize {
		return
	}
	three := uint32(line[0])<<8 | uint32(line[1])<<16
	for _, b := range line[trigramSize-1:] {
		three = three>>8 | uint32(b)<<16
		t.turns[trigram(three)] = t.turn
	}
}

func (t *trigrams) has(at uint16) bool { return t.turns[at%(1<<trigramBits)] == t.turn }

// take sets the line, in lower case, that words are looked for in.
func (s *Scratch) take(lower []byte) { s.lower, s.trigrams.known = lower, false }

// mayHold is false for a word that the line in s cannot hold.
func (s *Scratch) mayHold(w literal) bool {
	if !s.trigrams.known {
		s.trigrams.learn(s.lower)
	}
	return s.trigrams.has(w.sign.one) && s.trigrams.has(w.sign.other)
}

func (s *Scratch) mayHoldAny(words []literal) bool { return slices.ContainsFunc(words, s.mayHold) }

// holds reports that the line in s holds a word, wherever.
func (s *Scratch) holds(w literal) bool {
	return s.mayHold(w) && bytes.Contains(s.lower, []byte(w.text))
}
