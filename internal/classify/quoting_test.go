package classify

import "testing"

// TestWhereAMatchStands: a failure that is only part of a name, of a
// sentence in a text, or of a number is none; one
// that a thing with the number 0 has is one.
func TestWhereAMatchStands(t *testing.T) {
	c := classifier(t)
	for line, fails := range map[string]bool{
		"worker 3 took job 'retry-failed-payments'":                          false,
		"cron: job 'purge-failed-uploads' finished in 3s":                    false,
		"[2/5] Fetching https://docs.example/troubleshooting/timeout-errors": false,
		"fix(client): handle ECONNRESET (#123)":                              false,
		"1f00ba1 fix: a segmentation fault in the parser":                    false,
		"final link failed: No space left on device":                         true,
		"errors: no":          false,
		"found 0 failed jobs": false,
		"12 passed, 0 failed": false,
		"Translating 'connection lost' -> 'Verbindung verloren'":                       false,
		"Stack smashing protection is a feature of GCC that enables a program to stop": false,
		"12 tests completed, 0 failing":                                                false,
		"Tests run: 5, Failures: 1, Errors: 0, Skipped: 0":                             true,
		"the agent is stuck in a loop":                                                 true,
		"ERROR: request failed: error='connection refused'":                            true,
		"call ended with reason='connection refused'":                                  true,
		"ERROR: job purge-failed-uploads failed":                                       true,
		"ERROR worker 0 crashed":                                                       true,
		"Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times":         true,
		"WARN slow query: SELECT * FROM orders took 14.2s (threshold 1s)":              true,
		"kernel: Out of memory: Killed process 991 (agent)":                            true,
		"GET https://x.example/a-b/c: connection refused":                              true,
	} {
		var s Scratch
		if m, ok := c.Line([]byte(line), &s); ok != fails {
			t.Errorf("%q: fails %v (%s), want %v", line, ok, m.Rule, fails)
		}
	}
}
