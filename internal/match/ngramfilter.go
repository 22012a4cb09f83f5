package match

import "bytes"

// gramBits is how large the set of the pieces of a line is.
const gramBits = 12

// ngramFilter is the set of all pieces of two and three bytes of a line in lower case, by a hash. Rules
// look for dozens of words beside the one that was found; the set rules out nearly all of them
// at a look each.
type ngramFilter struct {
	// turn is that of the present line; what bears another is of an earlier one. Most agents
	// never print a line that needs the set.
	turn  uint8
	turns *[1 << gramBits]uint8
	known bool
}

// sign is two pieces of a word, the rarest one among them; zero, which every line holds,
// where the word has none.
type sign struct{ one, other uint16 }

func signOf(word string) (s sign) {
	if len(word) == 2 {
		return sign{one: uint16(gram(uint32(word[0])<<8 | uint32(word[1])<<16))}
	}
	least := -1
	for i := 0; i+shortestSize <= len(word); i++ {
		at := uint16(gram(uint32(word[i]) | uint32(word[i+1])<<8 | uint32(word[i+2])<<16))
		switch n := usualWindows()[word[i:i+shortestSize]]; {
		case least < 0 || n < least:
			least, s = n, sign{at, s.one}
		case s.other == 0:
			s.other = at
		}
	}
	return s
}

// gram is the place of three bytes in the set, or of the last two of them.
func gram(three uint32) uint32 { return three * hashFactor >> (32 - gramBits) }

// begin makes the set that of another line.
func (g *ngramFilter) begin() *[1 << gramBits]uint8 {
	if g.turn++; g.turns == nil || g.turn == 0 {
		g.turns, g.turn = new([1 << gramBits]uint8), 1
	}
	g.known, g.turns[0] = true, g.turn
	return g.turns
}

func (g *ngramFilter) learn(line []byte) {
	turns := g.begin()
	last := uint32(0)
	for _, b := range line {
		last = last>>8 | uint32(b)<<16
		turns[gram(last)] = g.turn
		turns[gram(last&^0xff)] = g.turn
	}
}

// learnPrinted is learn for a line as it was printed. It reports false for one in which rules
// would see other bytes than those, but for their case.
func (g *ngramFilter) learnPrinted(line []byte) bool {
	turns, turn := g.begin(), g.turn
	last := uint32(0)
	for _, b := range line {
		c := asRulesSee[b]
		if c == 0 {
			g.known = false
			return false
		}
		last = last>>8 | uint32(c)<<16
		turns[gram(last)] = turn
		turns[gram(last&^0xff)] = turn
	}
	return true
}

// asRulesSee is the byte that rules see of one that was printed; 0 where that depends on others
// (quotes within quotes) or is nothing.
var asRulesSee = func() (seen [256]byte) {
	for i := range seen {
		seen[i] = lowerByte(byte(i))
		if i < ' ' && i != '\t' || i == 0x7f || i == '\\' {
			seen[i] = 0
		}
	}
	return seen
}()

func (g *ngramFilter) hold(s sign) bool {
	return g.turns[s.one%(1<<gramBits)] == g.turn && g.turns[s.other%(1<<gramBits)] == g.turn
}

// take sets the line, in lower case, that words are looked for in.
func (s *Scratch) take(lower []byte) { s.lower, s.ngrams.known = lower, false }

// mayHold is false for a word that the line in s cannot hold.
func (s *Scratch) mayHold(w *literal) bool {
	if !s.ngrams.known {
		s.ngrams.learn(s.lower)
	}
	return s.ngrams.hold(w.sign)
}

func (s *Scratch) mayHoldAny(words []literal) bool {
	for i := range words {
		if s.mayHold(&words[i]) {
			return true
		}
	}
	return false
}

// holds reports that the line in s holds a word, wherever.
func (s *Scratch) holds(w *literal) bool {
	return s.mayHold(w) && bytes.Contains(s.lower, []byte(w.text))
}

func (s *Scratch) holdsAny(words []literal) bool {
	for i := range words {
		if s.holds(&words[i]) {
			return true
		}
	}
	return false
}
