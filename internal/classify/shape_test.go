package classify

import (
	"testing"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
)

// TestWhatIsPrintedForOthersIsNotJudged: neither when the program lives nor when it has ended.
func TestWhatIsPrintedForOthersIsNotJudged(t *testing.T) {
	c := classifier(t)
	for line, want := range map[string]heal.ErrorType{
		`{"jsonrpc":"2.0","id":3,"result":{"tools":[{"name":"fetch","description":"fails with a connection timeout error"}]}}`: heal.Unknown,
		`{"id":3,"jsonrpc":"2.0","error":{"code":-32000,"message":"connection refused"}}`:                                      heal.Unknown,
		`data: {"text":"the error was: permission denied"}`:                                                                    heal.Unknown,
		`127.0.0.1 - - [27/Nov/2026:10:00:00 +0000] "GET /ERROR:-invalid-api-key HTTP/1.1" 404 12 "-" "curl/8"`:                heal.Unknown,
		`INFO: 127.0.0.1:1234 - "GET /FATAL:%20out%20of%20memory HTTP/1.1" 404 Not Found`:                                      heal.Unknown,
		`+    if resp.status == 429:  # rate limit exceeded, Retry-After: 86400`:                                               heal.Unknown,
		`+        return parse_retry_at(resp, default="rate limit exceeded")`:                                                  heal.Unknown,
		`    raise PermissionError("permission denied by policy")`:                                                             heal.Unknown,
		` 45%|████▌     | 45/100 connection timeout retries=3`:                                                                 heal.Unknown,
		`GET https://x.example/a HTTP/1.1: connection refused`:                                                                 heal.CommunicationError,
		`{"level":"error","msg":"connection refused"}`:                                                                         heal.CommunicationError,
		`Error: connection refused (attempt 3)`:                                                                                heal.CommunicationError,
		`if you see this: No space left on device`:                                                                             heal.ResourceExhaustion,
	} {
		if d := judged(c, &heal.Exit{Code: 1}, []string{line}); d.Treated() != want {
			t.Errorf("%q of a dead program is judged %s: want %s; %q", line, d.Type, want, d.Evidence)
		}
		if d := judged(c, nil, []string{line}); want == heal.Unknown && d.Type != heal.Benign {
			t.Errorf("%q of a living program is judged %s; %q", line, d.Type, d.Evidence)
		}
	}
}

// TestOperatorsRulesSeeAllShapes: they have direct force whatever a line is.
func TestOperatorsRulesSeeAllShapes(t *testing.T) {
	c := classifier(t, rules.Operators("mine", heal.GoalConflict, "connection refused", ""))
	var s Scratch
	if m, ok := c.Line([]byte(`{"jsonrpc":"2.0","error":{"message":"connection refused"}}`), &s); !ok || m.Rule != "mine" {
		t.Errorf("got %+v, %v", m, ok)
	}
}
