package classify

import (
	"fmt"
	"strings"
	"testing"
)

// TestNumbersAloneAreNoFailure: whatever a healthy program counts, no number is a
// status code, an errno or a signal by itself.
func TestNumbersAloneAreNoFailure(t *testing.T) {
	c := classifier(t)
	var s Scratch
	for _, line := range []string{
		"number #", "# items processed", "unit # done in run 1", "step # of 5000", "INFO handled request # in 12 ms",
		"worker # is idle", "batch # size 64 took # ms", "[#] tick", "id=# ok", "epoch # loss 0.#", "listening on port #",
		"progress: #/2000", "#", "page # of results", "sent # bytes", "round # finished", `{"level":"info","n":#}`,
	} {
		for n := range 1200 {
			text := strings.ReplaceAll(line, "#", fmt.Sprint(n))
			if m, ok := c.Line([]byte(text), &s); ok {
				t.Errorf("%q is called %s by rule %s", text, m.Type, m.Rule)
			}
		}
	}
}
