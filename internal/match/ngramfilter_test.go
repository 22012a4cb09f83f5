package match

import (
	"math/rand/v2"
	"testing"
)

// TestNGramsRuleOutNothingThatIsThere holds the set to its promise, over more lines than
// there are turns.
func TestNGramsRuleOutNothingThatIsThere(t *testing.T) {
	c := setOf(t)
	rng := rand.New(rand.NewPCG(3, 3))
	var s Scratch
	absent, looks := 0, 0
	for range 3 {
		for _, lit := range c.search.literals {
			other := c.search.literals[rng.IntN(len(c.search.literals))]
			s.take([]byte("some 17 words" + lit.text + " and others"))
			if !s.mayHold(&lit) {
				t.Fatalf("%q is ruled out in %q", lit.text, s.lower)
			}
			if looks++; !s.mayHold(&other) {
				absent++
			}
		}
	}
	if absent < looks*9/10 {
		t.Errorf("of %d words that are not there only %d are ruled out", looks, absent)
	}
}
