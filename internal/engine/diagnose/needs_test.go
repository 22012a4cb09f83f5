package diagnose

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// grow makes a text that an expression may match: boundaries are left to chance.
func grow(re *syntax.Regexp, rng *rand.Rand, b *strings.Builder) {
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
			grow(sub, rng, b)
		}
	case syntax.OpAlternate:
		grow(re.Sub[rng.IntN(len(re.Sub))], rng, b)
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
			grow(re.Sub[0], rng, b)
		}
	}
}

// around is what may stand beside a match.
var around = []string{"", " ", "x", "_", "9", "\x1b[31m", "\x1b[0;1m", "\x1b(B", "[", "\t", "é", "step: "}

// TestWhatMatchesIsLookedFor grows texts from every expression there is. Where one matches,
// the search must find its words, and nothing that is asked before may rule it out.
func TestWhatMatchesIsLookedFor(t *testing.T) {
	own := []Rule{
		{Expr: `(?i)\bout of (?:cheese|bread)\b.{0,20}\blater\b`}, {Expr: `^job-\d+ \S+ (?:lost|gone)$`}, {Expr: `(?:^|[\s:])boo(?:\s|$)`},
		{Expr: `[a-z]+\s{2,}(?:K|K)elvin`}, {Expr: `\bx\b.*\byy\b|é+ü\b`}, {Expr: `a\Bb.{3}\bc`},
	}
	for i := range own {
		own[i].Name, own[i].Type, own[i].Strength, own[i].Operator = own[i].Expr, "unknown", 1, true
	}
	c, err := New(own)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 9))
	matched, rules := 0, 0
	for id, p := range c.places {
		rule := &c.rules[p.rule]
		tree, err := syntax.Parse(alternatives(rule.Expr)[p.branch], syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		before := matched
		for range 60 {
			matched += grown(t, c, uint16(id), tree, rng)
		}
		if matched > before {
			rules++
		}
	}
	if rules < len(c.places)*9/10 {
		t.Errorf("only %d of %d expressions were ever matched: the test is no good", rules, len(c.places))
	}
}

// grown tries one text, and returns 1 if the branch matches it.
func grown(t *testing.T, c *Classifier, id uint16, tree *syntax.Regexp, rng *rand.Rand) int {
	var b strings.Builder
	b.WriteString(around[rng.IntN(len(around))])
	grow(tree, rng, &b)
	b.WriteString(around[rng.IntN(len(around))])
	line := strings.ReplaceAll(b.String(), "\n", " ")
	var s Scratch
	text := clean([]byte(line), &s)
	s.lower = appendLower(nil, text)
	rule, branch := &c.rules[c.places[id].rule], &c.rules[c.places[id].rule].branches[c.places[id].branch]
	if !rule.Operator {
		text = s.lower
	}
	if !branch.expr().Match(text) {
		return 0
	}
	if !branch.possible(&s) {
		t.Errorf("%s: %q matches %s and is ruled out", rule.Name, line, branch.expr())
	}
	var ids []uint16
	c.search.find(withoutEscapes([]byte(line), &s), func(_ int, found []uint16) { ids = append(ids, found...) })
	if len(branch.literals) > 0 && !slices.Contains(ids, id) {
		t.Errorf("%s: %q matches %s and is not found by %v", rule.Name, line, branch.expr(), branch.literals)
	}
	return 1
}

// TestSievesLetThroughWhatMatches does the same for the expressions of contexts.
func TestSievesLetThroughWhatMatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for name, v := range map[string]sieve{"loud": levelLoud, "warn": levelWarn, "quiet": levelQuiet, "denied": denied, "zero": zero, "begun": begun, "settled": settled, "quoted": quoted, "setting": setting} {
		matched := 0
		for _, b := range v() {
			matched += sieved(t, &b, rng)
		}
		if matched == 0 {
			t.Errorf("%s was never matched", name)
		}
	}
}

// sieved grows texts from one alternative, and returns how many of them it matches.
func sieved(t *testing.T, b *branch, rng *rand.Rand) (matched int) {
	tree, err := syntax.Parse(b.expr().String(), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		var text strings.Builder
		text.WriteString(around[rng.IntN(5)])
		grow(tree, rng, &text)
		text.WriteString(around[rng.IntN(5)])
		if !b.expr().MatchString(text.String()) {
			continue
		}
		if matched++; !b.possible(&Scratch{lower: lower(text.String())}) {
			t.Errorf("%q matches %s and is ruled out", text.String(), b.expr())
		}
	}
	return matched
}

func lower(text string) []byte { return appendLower(nil, []byte(text)) }

// FuzzNeeds: no text that an expression of ours matches is ruled out before it is tried.
func FuzzNeeds(f *testing.F) {
	c := classifier(f)
	f.Add("ERROR: connection to server at 10.0.0.1 failed: lag\t9999", 7)
	f.Add("step 3\x00 error err: out of memory", 300)
	f.Fuzz(func(t *testing.T, text string, n int) {
		p := c.places[uint(n)%uint(len(c.places))]
		b := &c.rules[p.rule].branches[p.branch]
		s := Scratch{lower: lower(text)}
		if !b.possible(&s) && b.expr().Match(s.lower) {
			t.Errorf("%q matches %s and is ruled out", text, b.expr())
		}
	})
}
