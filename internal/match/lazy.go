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
