package diagnose

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"

	"healer-sidecar/internal/heal"
)

// maxProgram bounds the compiled size of an operator's expression: repeated
// counts multiply, and one line would then cost seconds (FAULTS A28).
const maxProgram = 1000

// Rule maps text to an error type. Built-in expressions are written in lower
// case and see the line in lower case; an operator's expression sees the line
// as it was printed.
type Rule struct {
	Name string
	Type heal.ErrorType
	// Strength in [0,1] is how surely a match means the type.
	Strength float64
	Expr     string
	// Not is a negative context: a line that matches it is not this rule's.
	Not string
	// AnyLevel keeps the full strength on lines logged as INFO or DEBUG.
	AnyLevel bool
	// Vague says that a rule knows only that something is called an error, Guess that what it
	// tells of a dead run is too little to leave an agent alone for.
	Vague, Guess bool
	// Operator marks a rule of the policy. It comes first and is trusted.
	Operator bool
}

// Check reports why a rule cannot be used.
func (r Rule) Check() error {
	_, err := compileRules([]Rule{r})
	return err
}

type compiledRule struct {
	Rule
	branches []branch
	// not is compiled on first use; nil without a negative context.
	not func() *regexp.Regexp
}

// branch is one alternative of a rule's expression. Short expressions that are
// tried only where their own literals stand are much cheaper than the whole one.
type branch struct {
	requirement
	expr func() *regexp.Regexp
}

// builtinRules are the built-in rules, shared by all classifiers.
var builtinRules = sync.OnceValues(func() ([]compiledRule, error) { return compileRules(Builtin()) })

func compileRules(rules []Rule) ([]compiledRule, error) {
	compiled := make([]compiledRule, 0, len(rules))
	for _, r := range rules {
		c, err := compileRule(r)
		if err != nil {
			return nil, fmt.Errorf("cannot compile rule %q: %w", r.Name, err)
		}
		compiled = append(compiled, c)
	}
	return compiled, nil
}

// compileRule derives the literals of a rule. An operator's expressions are
// checked at once; ours are checked by a test.
func compileRule(r Rule) (compiledRule, error) {
	c := compiledRule{Rule: r}
	if r.Operator {
		if err := errors.Join(affordable(r.Expr), affordable(r.Not)); err != nil {
			return c, err
		}
	}
	for _, src := range alternatives(r.Expr) {
		tree, err := syntax.Parse(src, syntax.Perl)
		if err != nil {
			return c, err
		}
		c.branches = append(c.branches, branch{requirementOf(tree), lazy(src)})
	}
	if r.Not != "" {
		c.not = lazy(r.Not)
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

// affordable reports why an operator's expression cannot be used.
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
func (c *compiledRule) find(b *branch, line, lower []byte) []int {
	text := lower
	if c.Operator {
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
