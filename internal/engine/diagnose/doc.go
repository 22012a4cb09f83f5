// Package diagnose turns the evidence of one failure into an error type.
//
// A Classifier is a table of rules compiled once. Each rule is an expression
// whose required literals are found by one pass of a multi-literal search over
// the line, so a line that holds none of them costs that one pass and nothing
// else. Expressions run only on the lines that hold their literals.
//
// A matched rule is a hint, not a verdict: context.go weighs it by the level of
// the line, by negations ("0 failed", "no conflicts") and by signs that the text
// is quoted or the trouble is over. judge.go adds the exit, the signal and the
// resource readings, and picks the type with the most weight. The package is
// pure: it reads no clock, no file and no environment.
package diagnose
