// Package match finds which of many expressions hold on the lines of a text, at the speed of
// a search for plain words.
//
// Each expression is read once for the words that every match of it contains (requirement.go,
// literals.go). One pass of a multi-literal search (search.go) finds the lines that hold such a
// word; a line without any costs that pass and nothing else. The n-gram filter and the order
// of the words rule out most of the others (ngramfilter.go, link.go). Only what is left is
// tried, and lines that were ruled out before are remembered (negativecache.go).
//
// The package knows lines and expressions, and nothing of failures. It is pure: it reads no
// clock, no file and no environment.
package match
