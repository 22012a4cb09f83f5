package rules

import (
	"strings"

	"healer-sidecar/internal/heal"
)

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
	// Wrapper says that a rule knows how a failure ended or who reports it (a crash, a runner of
	// builds), not why: it yields to what the same report says beside it.
	Wrapper bool
	// Operator marks a rule of the policy. It comes first and is trusted.
	Operator bool
}

// Operators is a rule of the policy.
func Operators(name string, typ heal.ErrorType, expr, not string) Rule {
	return Rule{Name: name, Type: typ, Strength: 1, Expr: expr, Not: not, AnyLevel: true, Operator: true}
}

// row is one built-in rule. Strengths: 0.9 and up names the cause beyond doubt,
// 0.75 to 0.9 is the usual meaning, 0.55 to 0.75 is likely, below that the rule
// only helps when nothing better matched.
type row struct {
	name     string
	strength float64
	expr     string
	not      string
	anyLevel bool
	// vague, guess and wrapper are those of a Rule.
	vague, guess, wrapper bool
}

// families are the built-in rules by type; one file each, and one for those of all types that
// know no program.
var families = []struct {
	typ  heal.ErrorType
	rows []row
}{
	{heal.SafetyViolation, safetyRules},
	{heal.ResourceExhaustion, resourceRules},
	{heal.GoalConflict, conflictRules},
	{heal.LearningFailure, learningRules},
	{heal.ConfigurationError, configurationRules},
	{heal.DependencyFailure, dependencyRules},
	{heal.CommunicationError, communicationRules},
	{heal.PerformanceDegradation, performanceRules},
	{heal.ExecutionFailure, executionRules},
	{heal.Unknown, unknownRules},

	{heal.ResourceExhaustion, resourceTold},
	{heal.GoalConflict, conflictTold},
	{heal.CommunicationError, communicationTold},
	{heal.PerformanceDegradation, performanceTold},
	{heal.SafetyViolation, safetyTold},
	{heal.DependencyFailure, dependencyTold},
	{heal.ConfigurationError, configurationTold},
	{heal.LearningFailure, learningTold},
	{heal.ExecutionFailure, executionTold},
}

// Builtin returns the built-in rules. They are expert knowledge about how common
// runtimes, libraries and services word their failures.
func Builtin() []Rule {
	var all []Rule
	for _, f := range families {
		for _, r := range f.rows {
			all = append(all, Rule{
				Name: r.name, Type: f.typ, Strength: r.strength, Expr: Expand(r.expr), Not: Expand(r.not),
				AnyLevel: r.anyLevel, Vague: r.vague, Guess: r.guess, Wrapper: r.wrapper,
			})
		}
	}
	return all
}

// httpStatus finds a status code where it is called one: a number alone says nothing.
func httpStatus(codes string) string {
	return `(?:http(?:/[\d.]+)?|status|code|error|errors?:|returned|responded with|response|says|said|answers|answered|replied|got|upstream|server|failed with)["']?(?: code)?[ :=(\[]{1,3}(?:` + codes + `)\b`
}

// alt joins alternatives of one rule, so that a table row can be read line by line.
func alt(alternatives ...string) string { return strings.Join(alternatives, "|") }
