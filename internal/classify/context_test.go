package classify

import (
	"testing"

	"healer-sidecar/internal/heal"
)

// TestTheFirstLevelCounts: what follows it are words of the message, and so are those that could
// deny a failure.
func TestTheFirstLevelCounts(t *testing.T) {
	c := classifier(t)
	for line, failure := range map[string]bool{
		"ERROR cannot write debug file: No space left on device":      true,
		"2026-03-01 INFO ERROR counter reset":                         false,
		"INFO Permission denied page rendered":                        false,
		"ERROR null was dereferenced":                                 true,
		"errors: null":                                                false,
		"errors=none, 5 done":                                         false,
		"ERROR promise was rejected and nobody handled it":            true,
		"ConnectionError: refused, was handled gracefully":            false,
		"ERROR mongo: connection pool cleared, socket exception":      true,
		"alarm cleared: connection refused by planner 5 minutes ago":  false,
		"ERROR trace buffer full: cannot allocate memory for 64 more": true,
	} {
		if d := judged(c, nil, []string{line}); (d.Type != heal.Benign) != failure {
			t.Errorf("%q is judged %s", line, d.Type)
		}
	}
}
