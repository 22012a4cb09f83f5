package match

import "regexp/syntax"

// widthOf is how many runes a match has at most.
func widthOf(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpQuest:
		return widthOf(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		return unbounded
	case syntax.OpRepeat:
		if re.Max < 0 {
			return unbounded
		}
		return min(re.Max*widthOf(re.Sub[0]), unbounded)
	case syntax.OpConcat:
		sum := 0
		for _, sub := range re.Sub {
			sum += widthOf(sub)
		}
		return min(sum, unbounded)
	case syntax.OpAlternate:
		most := 0
		for _, sub := range re.Sub {
			most = max(most, widthOf(sub))
		}
		return most
	}
	return 0
}
