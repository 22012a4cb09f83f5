package classify

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// TestAWaitBelongsToTheLineThatDecides: what other lines name is none.
func TestAWaitBelongsToTheLineThatDecides(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		text string
		typ  heal.ErrorType
		want time.Duration
	}{
		"the same line":         {"HTTP 429 Too Many Requests, retry-after: 30", heal.DependencyFailure, 30 * time.Second},
		"headers of the answer": {"HTTP/1.1 429 Too Many Requests\nContent-Type: application/json\nRetry-After: 30\nServer: x", heal.DependencyFailure, 30 * time.Second},
		"headers before":        {"< Retry-After: 30\n< Content-Length: 0\nError: 429 Too Many Requests", heal.DependencyFailure, 30 * time.Second},
		"wrapped": {"ERROR: You've hit your usage limit. To get more access now, send a request to your\nadmin or try again at Nov 28th, 2026 3:00 PM.",
			heal.ResourceExhaustion, 3 * time.Hour},
		"of another cause": {"HTTP 429 Too Many Requests, retry-after: 3600\nConnectionRefusedError: [Errno 111] Connection refused\nConnectionRefusedError: [Errno 111] Connection refused",
			heal.CommunicationError, 0},
		"the newer of two": {"429 Too Many Requests, retry-after: 600\n429 Too Many Requests, retry-after: 20", heal.DependencyFailure, 20 * time.Second},
		"local ports":      {"connect: cannot assign requested address", heal.ResourceExhaustion, time.Minute},
		"no time":          {"rate limit exceeded, please try again later", heal.DependencyFailure, 0},
	} {
		d := diagnose.Judge(c.Evidence(&heal.Exit{Code: 1}, strings.Split(row.text, "\n"), now), diagnose.Context{})
		if d.Wait != row.want || d.Type != row.typ {
			t.Errorf("%s: %s, wait %s; want %s, %s", name, d.Type, d.Wait, row.typ, row.want)
		}
	}
}

// TestWhatNoRunMendsBelongsToPeople: these causes offer no further run of the same program.
func TestWhatNoRunMendsBelongsToPeople(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, cause := range map[string]heal.Cause{
		"HTTP 402: Payment Required: This request requires more credits":                                        heal.Billing,
		"Your credit balance is too low to access the API. Please go to Plans & Billing":                        heal.Billing,
		"Error code: 429 - You exceeded your current quota, please check your plan and billing details.":        heal.Billing,
		"Error: An API error occurred: invalid_auth":                                                            heal.Auth,
		"Your access token could not be refreshed because your refresh token was already used. Please log out.": heal.Auth,
		"Connection closed. You are logged out.":                                                                heal.Auth,
		"BrowserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chrome":                     heal.Missing,
		"ModuleNotFoundError: No module named 'yaml'":                                                           heal.Missing,
		"x509: certificate has expired or is not yet valid: current time 2020-01-01 is before 2026-01-01":       heal.Clock,
		"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens":    heal.Context,
	} {
		d := diagnose.Judge(c.Evidence(&heal.Exit{Code: 1}, []string{line}, time.Time{}), diagnose.Context{})
		ladder, _ := heal.Policy{}.Ladder(d.Type, d.Cause)
		for _, s := range ladder {
			if s.OnlyRuns() {
				t.Errorf("%s: %s is offered", line, s)
			}
		}
		if d.Cause != cause {
			t.Errorf("%s: %s by %s, cause %q; want %q", line, d.Type, d.Rule, d.Cause, cause)
		}
	}
	d := diagnose.Judge(c.Evidence(&heal.Exit{Code: 1}, []string{"HTTP 403: API key does not have permission to use this model"}, time.Time{}), diagnose.Context{})
	if d.Type != heal.ConfigurationError {
		t.Errorf("rights of a key: %s by %s", d.Type, d.Rule)
	}
}
