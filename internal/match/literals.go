package match

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// texts is what is known of the matches of an expression: all of them, when they
// are few, and strings of which each match contains one.
type texts struct {
	exact []string
	need  []string
}

func exactly(all ...string) texts { return texts{exact: all, need: all} }

func textsOf(re *syntax.Regexp) texts {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpNoWordBoundary:
		return exactly("")
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpEndLine, syntax.OpEndText, syntax.OpWordBoundary:
		return exactly(edge)
	case syntax.OpLiteral:
		return textsOfLiteral(re)
	case syntax.OpCharClass:
		return textsOfClass(re.Rune)
	case syntax.OpCapture:
		return textsOf(re.Sub[0])
	case syntax.OpPlus:
		return texts{need: textsOf(re.Sub[0]).need}
	case syntax.OpQuest:
		if all := textsOf(re.Sub[0]).exact; all != nil {
			return exactly(append(slices.Clone(all), "")...)
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			return texts{need: textsOf(re.Sub[0]).need}
		}
	case syntax.OpConcat:
		return textsOfConcat(re.Sub)
	case syntax.OpAlternate:
		return textsOfAlternate(re.Sub)
	}
	return texts{}
}

// textsOfLiteral folds ASCII, as the search does. A folded rune outside ASCII has
// several spellings: only the longest part around it is needed then.
func textsOfLiteral(re *syntax.Regexp) texts {
	text := lowerASCII(string(re.Rune))
	if re.Flags&syntax.FoldCase == 0 || strings.IndexFunc(text, notASCII) < 0 {
		return exactly(text)
	}
	best := ""
	for part := range strings.FieldsFuncSeq(text, notASCII) {
		if len(part) > len(best) {
			best = part
		}
	}
	return texts{need: []string{best}}
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }

func lowerASCII(s string) string { return string(appendLower(nil, []byte(s))) }

func textsOfClass(ranges []rune) texts {
	var all []string
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 2*maxClass {
			return texts{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			all = append(all, lowerASCII(string(r)))
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > maxClass {
		return texts{}
	}
	return exactly(all...)
}

// textsOfConcat spells neighbours out together as long as they are few.
func textsOfConcat(subs []*syntax.Regexp) texts {
	parts, whole := partsOf(subs)
	var best []string
	for _, p := range parts {
		best = better(best, p.set)
	}
	if whole {
		return texts{exact: parts[0].set, need: best}
	}
	return texts{need: best}
}

// piece is a part of a concatenation: every match holds one of set in its place, and nothing
// beside it when it is exact. width is how many runes the piece takes at most.
type piece struct {
	set   []string
	exact bool
	width int
}

// tells reports that the piece has words to look for.
func (p piece) tells() bool { return len(p.set) > 0 && shortest(p.set) > 0 }

// piecesOf are the pieces of an expression, of which every match holds one word each.
func piecesOf(re *syntax.Regexp) []piece {
	switch re.Op {
	case syntax.OpConcat:
		parts, _ := partsOf(re.Sub)
		return parts
	case syntax.OpCapture:
		return piecesOf(re.Sub[0])
	}
	return []piece{{set: textsOf(re).need, width: widthOf(re)}}
}

// partsOf spells neighbours out together and cuts where that is not possible.
// whole reports that there was no cut.
func partsOf(subs []*syntax.Regexp) (parts []piece, whole bool) {
	run, whole := piece{set: []string{""}, exact: true}, true
	for _, sub := range subs {
		t := textsOf(sub)
		if t.exact != nil && len(run.set)*len(t.exact) <= maxExact {
			run.set, run.width = cross(run.set, t.exact), run.width+widthOf(sub)
			continue
		}
		beside := []string{""}
		if borders(sub) {
			beside[0] = edge
		}
		run.set = cross(run.set, beside)
		parts, whole = append(parts, run), false
		if run = (piece{set: beside, exact: true}); t.exact != nil {
			run.set, run.width = t.exact, widthOf(sub)
		} else {
			parts = append(parts, piece{set: t.need, width: widthOf(sub)})
		}
	}
	return append(parts, run), whole
}

// borders reports that every match is a byte that is none of a word, or an end of the text.
func borders(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpEndLine, syntax.OpEndText:
		return true
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			if holdsWordByte(re.Rune[i], re.Rune[i+1]) {
				return false
			}
		}
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return borders(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min > 0 && borders(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !borders(sub) })
	}
	return false
}

func holdsWordByte(from, to rune) bool {
	for r := from; r <= min(to, unicode.MaxASCII); r++ {
		if WordByte(byte(r)) {
			return true
		}
	}
	return false
}

func cross(heads, tails []string) []string {
	all := make([]string, 0, len(heads)*len(tails))
	for _, h := range heads {
		for _, t := range tails {
			all = append(all, h+t)
		}
	}
	return all
}

// better prefers the set that holds the longer shortest string.
func better(a, b []string) []string {
	if len(a) == 0 || len(b) > 0 && shortest(b) > shortest(a) {
		return b
	}
	return a
}

// textsOfAlternate needs a string from every alternative, or it can promise none.
func textsOfAlternate(subs []*syntax.Regexp) texts {
	var t texts
	exact := true
	for _, sub := range subs {
		s := textsOf(sub)
		if len(s.need) == 0 {
			return texts{}
		}
		t.need = append(t.need, s.need...)
		t.exact = append(t.exact, s.exact...)
		exact = exact && s.exact != nil
	}
	if !exact || len(t.exact) > maxExact {
		t.exact = nil
	}
	return t
}
