package diagnose

import (
	"regexp"
	"sync"
)

// lazy returns an expression that is compiled on its first use. An idle sidecar
// never needs most of them, and compiled they take megabytes.
func lazy(src string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(src) })
}
