package diagnose

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// TestMemoChangesNothing judges lines that are made of the words of rules, with other numbers
// each time, with and without a memory.
func TestMemoChangesNothing(t *testing.T) {
	c, err := New([]Rule{{Name: "mine", Type: "unknown", Strength: 1, Expr: `step 7\d+ failed`, Operator: true}})
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, rule := range c.rules {
		for _, b := range rule.branches {
			all := b.literals
			for _, set := range b.also {
				all = slices.Concat(all, set.words)
			}
			for _, lit := range all {
				words = append(words, lit.text)
			}
		}
	}
	rng := rand.New(rand.NewPCG(7, 7))
	var kept Scratch
	matched := 0
	for range 200 {
		var shape []string
		for range 2 + rng.IntN(4) {
			shape = append(shape, words[rng.IntN(len(words))], "%d")
		}
		for range 20 {
			numbers := make([]any, len(shape)/2)
			for i := range numbers {
				numbers[i] = rng.IntN(1000)
			}
			line := fmt.Sprintf(strings.Join(shape, " "), numbers...)
			var fresh Scratch
			got, told := c.Line([]byte(line), &kept)
			want, tells := c.Line([]byte(line), &fresh)
			if got != want || told != tells {
				t.Fatalf("%q: %+v %v with a memory, %+v %v without", line, got, told, want, tells)
			}
			if told {
				matched++
			}
		}
	}
	if matched == 0 {
		t.Error("no line matched: the test is no good")
	}
}

// BenchmarkSuspicious judges lines of which every one holds words of rules.
func BenchmarkSuspicious(b *testing.B) {
	c, err := New(nil)
	if err != nil {
		b.Fatal(err)
	}
	var block []byte
	for i := range 500 {
		block = fmt.Appendf(block, "INFO step %d finished tool=search latency_ms=%d tokens=%d\n", i, i*7%900, i*131)
	}
	var s Scratch
	b.SetBytes(int64(len(block)))
	for b.Loop() {
		c.Block(block, &s, always, func([]byte, heal.Match) {})
	}
}
