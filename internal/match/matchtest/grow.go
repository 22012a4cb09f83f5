// Package matchtest makes texts that expressions match, for tests.
package matchtest

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// Grow makes a text that an expression may match: boundaries are left to chance.
func Grow(re *syntax.Regexp, rng *rand.Rand, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		text := string(re.Rune)
		if re.Flags&syntax.FoldCase != 0 && rng.IntN(2) == 0 {
			text = strings.ToUpper(text)
		}
		b.WriteString(text)
	case syntax.OpCharClass:
		k := 2 * rng.IntN(len(re.Rune)/2)
		b.WriteRune(re.Rune[k] + rng.Int32N(min(re.Rune[k+1]-re.Rune[k]+1, 90)))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune([]rune("a .:-_=7é\"")[rng.IntN(10)])
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			Grow(sub, rng, b)
		}
	case syntax.OpAlternate:
		Grow(re.Sub[rng.IntN(len(re.Sub))], rng, b)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		least, most := re.Min, re.Max
		switch re.Op {
		case syntax.OpStar:
			least, most = 0, -1
		case syntax.OpPlus:
			least, most = 1, -1
		case syntax.OpQuest:
			least, most = 0, 1
		}
		if most < 0 {
			most = least + 3
		}
		for range least + rng.IntN(most-least+1) {
			Grow(re.Sub[0], rng, b)
		}
	}
}

// Around is what may be beside a match.
var Around = []string{"", " ", "x", "_", "9", "\x1b[31m", "\x1b[0;1m", "\x1b(B", "[", "\t", "é", "step: "}
