// Package classify turns lines of output into evidence.
//
// A Classifier is a table of rules (package rules) that are searched for at once (package
// match). A matched rule is a hint, not a verdict: context.go weighs it by the level of
// the line, by negations ("0 failed", "no conflicts") and by signs that the text is quoted or
// the trouble is over. read.go reads the last lines of a program together: records, stacks,
// repeated steps, and the wording as a whole (wording.go). What the evidence means is judged
// in engine/diagnose. The package reads no clock, no file and no environment.
package classify
