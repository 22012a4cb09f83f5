package match

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestFilterOfManyWindows compares what is asked about many windows at once with what is asked
// about each: what passes, and in which order.
func TestFilterOfManyWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var f filter
	text := make([]byte, stepsOfWord*wordsAtOnce*stepSize+windowSize-stride)
	for i := range text {
		text[i] = "abcdE F\n"[rng.IntN(8)]
		if i%7 == 0 && i >= windowSize {
			f.add(load(text[i-windowSize:]))
		}
	}
	for steps := 1; steps <= stepsOfWord*wordsAtOnce; steps++ {
		var words, want [wordsAtOnce]uint64
		words[0] = 1 << 63 // what an earlier call has left
		got := passing(&f, text, steps, &words)
		passingEach(&f, text, want[:], steps*stepSize/stride)
		if !slices.Equal(got, want[:len(got)]) || slices.ContainsFunc(want[len(got):], func(w uint64) bool { return w != 0 }) {
			t.Fatalf("%d steps: got %x, want %x", steps, got, want)
		}
	}
}

// TestFindsEverythingInALongText lets more windows pass than are looked at together.
func TestFindsEverythingInALongText(t *testing.T) {
	literals := []literal{{text: "overload"}, {text: "lag", first: true, last: true}, {text: "panic: "}}
	s := newSearcher(indexFor(literals, [][]uint16{{0}, {1}, {2}}))
	rng := rand.New(rand.NewPCG(1, 4))
	for range 200 {
		var b strings.Builder
		want := [3]int{}
		for range rng.IntN(900) {
			k := rng.IntN(6)
			b.WriteString([]string{"overload ", "LAG ", "Panic:  ", "all is well ", "over lags ", "x "}[k])
			if k < 3 {
				want[k]++
			}
		}
		seen := map[[2]int]bool{}
		got, last := [3]int{}, 0
		s.find([]byte(b.String()), func(at int, ids []uint16) {
			if place := [2]int{at, int(ids[0])}; !seen[place] {
				seen[place] = true
				got[ids[0]]++
			}
			if at+len("overload") < last { // its window may stand at its end
				t.Fatalf("%d comes after %d", at, last)
			}
			last = max(last, at)
		})
		if got != want {
			t.Fatalf("found %v, want %v in %d bytes", got, want, b.Len())
		}
	}
}
