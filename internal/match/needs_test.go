package match

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/match/matchtest"
)

// known are all expressions that the product looks for.
func known(t testing.TB) Compiled {
	t.Helper()
	var all []Pattern
	for _, r := range rules.Builtin() {
		all = append(all, Pattern{Name: r.Name, Expr: r.Expr, Not: r.Not})
	}
	c, err := Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// setOf is a set of patterns as printed and of all that the product knows.
func setOf(t testing.TB, own ...string) *Set {
	t.Helper()
	var all []Pattern
	for _, expr := range own {
		all = append(all, Pattern{Name: expr, Expr: expr, AsPrinted: true})
	}
	c, err := Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSet(c, known(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWhatMatchesIsLookedFor grows texts from every expression there is. Where one matches,
// the search must find its words, and nothing that is asked before may rule it out.
func TestWhatMatchesIsLookedFor(t *testing.T) {
	set := setOf(t, `(?i)\bout of (?:cheese|bread)\b.{0,20}\blater\b`, `^job-\d+ \S+ (?:lost|gone)$`, `(?:^|[\s:])boo(?:\s|$)`,
		`[a-z]+\s{2,}(?:K|K)elvin`, `\bx\b.*\byy\b|é+ü\b`, `a\Bb.{3}\bc`)
	rng := rand.New(rand.NewPCG(3, 9))
	matched, patterns := 0, 0
	for id, p := range set.places {
		tree, err := syntax.Parse(alternatives(set.patterns[p.pattern].Expr)[p.branch], syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		before := matched
		for range 60 {
			matched += grown(t, set, uint16(id), tree, rng)
		}
		if matched > before {
			patterns++
		}
	}
	if patterns < len(set.places)*9/10 {
		t.Errorf("only %d of %d expressions were ever matched: the test is no good", patterns, len(set.places))
	}
}

// grown tries one text, and returns 1 if the branch matches it.
func grown(t *testing.T, set *Set, id uint16, tree *syntax.Regexp, rng *rand.Rand) int {
	around := matchtest.Around
	var b strings.Builder
	b.WriteString(around[rng.IntN(len(around))])
	matchtest.Grow(tree, rng, &b)
	b.WriteString(around[rng.IntN(len(around))])
	line := strings.ReplaceAll(b.String(), "\n", " ")
	var s Scratch
	text := clean([]byte(line), &s)
	s.lower = appendLower(nil, text)
	pattern := &set.patterns[set.places[id].pattern]
	branch := &pattern.branches()[set.places[id].branch]
	if !pattern.AsPrinted {
		text = s.lower
	}
	if !branch.expr().Match(text) {
		return 0
	}
	if !branch.possible(&s) {
		t.Errorf("%s: %q matches %s and is ruled out", pattern.Name, line, branch.expr())
	}
	var ids []uint16
	set.search.find(withoutEscapes([]byte(line), &s), func(_ int, found []uint16) { ids = append(ids, found...) })
	if len(branch.literals) > 0 && !slices.Contains(ids, id) {
		t.Errorf("%s: %q matches %s and is not found by %v", pattern.Name, line, branch.expr(), branch.literals)
	}
	return 1
}

func lower(text string) []byte { return appendLower(nil, []byte(text)) }

// FuzzNeeds: no text that an expression of ours matches is ruled out before it is tried.
func FuzzNeeds(f *testing.F) {
	set := setOf(f)
	f.Add("ERROR: connection to server at 10.0.0.1 failed: lag\t9999", 7)
	f.Add("step 3\x00 error err: out of memory", 300)
	f.Fuzz(func(t *testing.T, text string, n int) {
		p := set.places[uint(n)%uint(len(set.places))]
		b := &set.patterns[p.pattern].branches()[p.branch]
		s := Scratch{lower: lower(text)}
		if !b.possible(&s) && b.expr().Match(s.lower) {
			t.Errorf("%q matches %s and is ruled out", text, b.expr())
		}
	})
}

// TestKnownExpressionsCompile: all can be searched for by words that usual text holds rarely.
func TestKnownExpressionsCompile(t *testing.T) {
	for _, r := range known(t).patterns {
		if r.not != nil {
			r.not()
		}
		for _, b := range r.branches() {
			var words []string
			for _, lit := range b.literals {
				words = append(words, lit.text)
			}
			if f := commonness(words); f > 0.02 {
				t.Errorf("rule %s is tried on every %.0f bytes of usual text: %q", r.Name, 1/f, words)
			}
			if expr := b.expr(); len(b.literals) == 0 {
				t.Errorf("rule %s has no literal in %s: it would be tried on every line", r.Name, expr)
			}
		}
	}
}

func TestAPatternThatCostsTooMuchIsRefused(t *testing.T) {
	if _, err := Compile([]Pattern{{Name: "bomb", Expr: `((a{0,100}){0,10})b`, AsPrinted: true}}); err == nil {
		t.Error("a pattern of ten thousand steps was accepted")
	}
}
