package diagnose

import (
	"fmt"
	"regexp"
	"regexp/syntax"

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
	// Operator marks a rule of the policy. It comes first and is trusted.
	Operator bool
}

// Check reports why a rule cannot be used.
func (r Rule) Check() error {
	_, err := compileRule(r)
	return err
}

type compiledRule struct {
	Rule
	expr, not *regexp.Regexp
	// literals are lower case; a match must contain at least one. Empty means
	// that nothing could be derived and every line has to be tried.
	literals []string
}

func compileRule(r Rule) (compiledRule, error) {
	c := compiledRule{Rule: r}
	tree, err := syntax.Parse(r.Expr, syntax.Perl)
	if err != nil {
		return c, fmt.Errorf("cannot compile rule %q: %w", r.Name, err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return c, fmt.Errorf("cannot compile rule %q: %w", r.Name, err)
	}
	if r.Operator && len(prog.Inst) > maxProgram {
		return c, fmt.Errorf("cannot compile rule %q: the expression is too costly (%d steps, at most %d)", r.Name, len(prog.Inst), maxProgram)
	}
	if c.expr, err = regexp.Compile(r.Expr); err != nil {
		return c, fmt.Errorf("cannot compile rule %q: %w", r.Name, err)
	}
	if r.Not != "" {
		if c.not, err = regexp.Compile(r.Not); err != nil {
			return c, fmt.Errorf("cannot compile rule %q: %w", r.Name, err)
		}
	}
	c.literals = requiredLiterals(tree)
	return c, nil
}

// find returns where the rule holds on a line that contains one of its literals,
// or -1.
func (c *compiledRule) find(line, lower []byte) int {
	text := lower
	if c.Operator {
		text = line
	}
	at := c.expr.FindIndex(text)
	if at == nil || c.not != nil && c.not.Match(text) {
		return -1
	}
	return at[0]
}
