package match

import (
	"regexp"
	"sync"
)

// Lazy returns an expression that is compiled on its first use. An idle sidecar
// never needs most of them, and compiled they take megabytes.
func Lazy(src string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(src) })
}

// Expression is a regular expression that is compiled on its first use. Its methods are those of
// the package regexp.
type Expression struct{ compiled func() *regexp.Regexp }

// Deferred is an expression of this program; it panics on its first use where it is none.
func Deferred(src string) *Expression { return &Expression{Lazy(src)} }

// MatchString reports whether a text holds a match.
func (e *Expression) MatchString(s string) bool { return e.compiled().MatchString(s) }

// FindString is the leftmost match.
func (e *Expression) FindString(s string) string { return e.compiled().FindString(s) }

// FindStringSubmatch are the leftmost match and its groups.
func (e *Expression) FindStringSubmatch(s string) []string { return e.compiled().FindStringSubmatch(s) }

// FindStringSubmatchIndex are the places of the leftmost match and its groups.
func (e *Expression) FindStringSubmatchIndex(s string) []int {
	return e.compiled().FindStringSubmatchIndex(s)
}

// FindAllStringIndex are the places of up to n matches; all of them for -1.
func (e *Expression) FindAllStringIndex(s string, n int) [][]int {
	return e.compiled().FindAllStringIndex(s, n)
}

// FindAllStringSubmatchIndex are the places of up to n matches and their groups.
func (e *Expression) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return e.compiled().FindAllStringSubmatchIndex(s, n)
}

// ReplaceAllString replaces every match.
func (e *Expression) ReplaceAllString(s, by string) string {
	return e.compiled().ReplaceAllString(s, by)
}
