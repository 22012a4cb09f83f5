package match

import (
	"slices"
	"strings"
	"testing"
)

// slowFind is the obvious search that the searcher must agree with.
func slowFind(text string, literals []literal) []uint16 {
	var ids []uint16
	for i, lit := range literals {
		for at := range text {
			if strings.HasPrefix(text[at:], lit.text) && lit.standsAt([]byte(text), at) {
				ids = append(ids, uint16(i))
				break
			}
		}
	}
	return ids
}

// indexFor is an index of literals that lead to the numbers at their place.
func indexFor(literals []literal, ids [][]uint16) index {
	x := index{literals: placed(literals), starts: []uint32{0}}
	for _, of := range ids {
		x.ids = append(x.ids, of...)
		x.starts = append(x.starts, uint32(len(x.ids)))
	}
	return x
}

func FuzzSearch(f *testing.F) {
	var all []literal
	var ids [][]uint16
	for i, text := range strings.Split("abc,bcd,cab,aaa,error,err:,abcab,in the end,✗ ab,nan,lock,fail,seven,eightly,a nine of,bbbbbbbbbbb", ",") {
		all, ids = append(all, literal{text: text, first: i%3 == 1, last: i%4 == 2}), append(ids, []uint16{uint16(i)})
	}
	s := newSearcher(indexFor(all, ids))
	f.Add("xABCDaaaaERRor: err:")
	f.Add("in the eND✗ abcab")
	f.Add(strings.Repeat("many windows at once, abcab ", 9))
	f.Add("seven locks of eightly nan \x1b[31mNaN a nine of\nbbbbbbbbbbbbbbbb, fail failed")
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, strings.Repeat(text+"\n", 64/(len(text)+1)+1), strings.Repeat(text, 400/(len(text)+1)) + "\n" + text} {
			lower, line := lowerASCII(text), 0
			var got []uint16
			s.find([]byte(text), func(at int, ids []uint16) {
				if !strings.HasPrefix(lower[at:], all[ids[0]].text) {
					t.Errorf("%q: %s is not at %d", text, all[ids[0]].text, at)
				}
				n := strings.Count(text[:at], "\n")
				if n < line {
					t.Errorf("%q: line %d comes after line %d", text, n, line)
				}
				got, line = append(got, ids...), n
			})
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, slowFind(lower, all)) {
				t.Errorf("%q: got %v, want %v", text, got, slowFind(lower, all))
			}
		}
	})
}
