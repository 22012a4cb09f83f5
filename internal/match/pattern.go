package match

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// maxProgram bounds the compiled size of an expression of the policy: repeated
// counts multiply, and one line would then cost seconds (FAULTS A28).
const maxProgram = 1000

// Pattern is an expression whose places on lines are wanted.
type Pattern struct {
	// Name is told in errors.
	Name string
	Expr string
	// Not is a negative context: a line that matches it is no match.
	Not string
	// AsPrinted patterns see a line as it was printed. The others see it in lower case, and
	// are written in lower case. The first come from outside: they are refused when they
	// cost too much.
	AsPrinted bool
}

// Compiled are patterns whose requirements are known. They are immutable and may be shared.
type Compiled struct {
	patterns []compiled
	// index is of the literals of all of them; nil where it is yet to be made.
	index *index
}

type compiled struct {
	Pattern
	// size is how many branches there are.
	size     int
	branches func() []branch
	// not is compiled on first use; nil without a negative context.
	not func() *regexp.Regexp
}

// branch is one alternative of an expression. Short expressions that are tried
// only where their own literals stand are much cheaper than the whole one.
type branch struct {
	requirement
	expr func() *regexp.Regexp
}

// Compile derives what the matches of patterns contain. Those that are as printed are checked
// at once, the others compiled on first use.
func Compile(patterns []Pattern) (Compiled, error) {
	all := make([]compiled, 0, len(patterns))
	for _, p := range patterns {
		c, err := compile(p)
		if err != nil {
			return Compiled{}, fmt.Errorf("cannot compile rule %q: %w", p.Name, err)
		}
		all = append(all, c)
	}
	return Compiled{patterns: all}, nil
}

func compile(p Pattern) (compiled, error) {
	c := compiled{Pattern: p}
	if p.AsPrinted {
		if err := errors.Join(affordable(p.Expr), affordable(p.Not)); err != nil {
			return c, err
		}
	}
	var branches []branch
	for _, src := range alternatives(p.Expr) {
		tree, err := syntax.Parse(src, syntax.Perl)
		if err != nil {
			return c, err
		}
		branches = append(branches, branch{requirementOf(tree), Lazy(src)})
	}
	c.size, c.branches = len(branches), func() []branch { return branches }
	if p.Not != "" {
		c.not = Lazy(p.Not)
	}
	return c, nil
}

// alternatives splits an expression at its outermost bars. One that sets flags for
// what follows, as in (?i)a|b, is left whole.
func alternatives(src string) []string {
	if strings.HasPrefix(src, "(?") && !strings.HasPrefix(src, "(?:") || strings.Contains(src, `\Q`) {
		return []string{src}
	}
	var parts []string
	depth, class, start := 0, false, 0
	for i := 0; i < len(src); i++ {
		switch b := src[i]; {
		case b == '\\':
			i++
		case class:
			class = b != ']'
		case b == '[':
			class = true
			i += len(classHead(src[i+1:]))
		case b == '(':
			depth++
		case b == ')':
			depth--
		case b == '|' && depth == 0:
			parts = append(parts, src[start:i])
			start = i + 1
		}
	}
	return append(parts, src[start:])
}

// classHead is what may stand at the head of a class without ending it: the
// negation, and a bracket that means itself.
func classHead(src string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(src, "^"), "]")
	return src[:len(src)-len(rest)]
}

// affordable reports why an pattern cannot be used.
func affordable(src string) error {
	tree, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return err
	}
	if len(prog.Inst) > maxProgram {
		return fmt.Errorf("the expression is too costly (%d steps, at most %d)", len(prog.Inst), maxProgram)
	}
	return nil
}

// find returns from where to where a branch holds on a line that holds all that a match
// needs; nil where it does not.
func (c *compiled) find(b *branch, line, lower []byte) []int {
	text := lower
	if c.AsPrinted {
		text = line
	}
	at := b.expr().FindIndex(text)
	if at == nil || c.not != nil && c.not().Match(text) {
		return nil
	}
	return at
}

// surelyLacks is lacks by the pieces of a line alone, which cannot tell that it lacks nothing.
func (b *branch) surelyLacks(s *Scratch) (lacks, anyNumbers bool) {
	for _, set := range b.also {
		if !s.mayHoldAny(set.words) {
			return true, !set.digits
		}
	}
	return !b.mayLink(s), !b.linkDigits
}

// lacks reports that the line, in lower case, does not hold all that a match needs, or not in
// its order, and whether that would be so whatever its numbers were.
func (b *branch) lacks(s *Scratch) (lacks, anyNumbers bool) {
	if b.most > 0 && utf8.RuneCount(s.lower) > b.most {
		return true, true
	}
	for _, set := range b.also {
		if !s.holdsAny(set.words) {
			return true, !set.digits
		}
	}
	return !b.linked(s), !b.linkDigits
}
