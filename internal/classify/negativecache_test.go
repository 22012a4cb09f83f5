package classify

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match/matchtest"
)

var digit = regexp.MustCompile(`\d`)

// TestTheCacheChangesNothing judges lines that are made of what rules look for, with other
// numbers each time, with and without a memory.
func TestTheCacheChangesNothing(t *testing.T) {
	c, err := New([]rules.Rule{{Name: "mine", Type: "unknown", Strength: 1, Expr: `step 7\d+ failed`, Operator: true}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	var kept Scratch
	matched := 0
	for range 200 {
		var shape strings.Builder
		for range 2 {
			tree, err := syntax.Parse(c.table().rules[rng.IntN(len(c.table().rules))].Expr, syntax.Perl)
			if err != nil {
				t.Fatal(err)
			}
			matchtest.Grow(tree, rng, &shape)
			shape.WriteString(" 7 ")
		}
		for range 20 {
			line := digit.ReplaceAllStringFunc(shape.String(), func(string) string { return fmt.Sprint(rng.IntN(10)) })
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
