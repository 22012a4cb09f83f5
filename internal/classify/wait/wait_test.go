package wait

import (
	"testing"
	"time"
)

// noon is a Saturday.
var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// asked are texts and what they ask for.
var asked = map[string]time.Duration{
	"HTTP/1.1 429 Too Many Requests\nContent-Type: application/json\nRetry-After: 30\nServer: x": 30 * time.Second,
	// keys, with the unit in the name, the value or nowhere
	"HTTP 429, Retry-After: 7":                                 7 * time.Second,
	"retry-after 30":                                           30 * time.Second,
	`{"retry_after": 1.5}`:                                     1500 * time.Millisecond,
	`{"error":{"retryAfterMs":2500}}`:                          2500 * time.Millisecond,
	"retry-after-ms: 600000":                                   10 * time.Minute,
	"retry_after_seconds=90":                                   90 * time.Second,
	"Retry-After: 00:01:30":                                    90 * time.Second,
	"Retry-After: Sat, 28 Nov 2026 12:02:00 GMT":               2 * time.Minute,
	"Retry-After: Saturday, 28-Nov-26 12:02:00 GMT":            2 * time.Minute,
	"Retry-After: Sat Nov 28 12:02:00 2026":                    2 * time.Minute,
	`{"type":"usage_limit_reached","resets_in_seconds":756}`:   756 * time.Second,
	`retryDelay: '41s'`:                                        41 * time.Second,
	`"retryDelay": "41.5s"`:                                    41500 * time.Millisecond,
	`quotaResetDelay: "12m36.5s"`:                              756500 * time.Millisecond,
	`"quotaResetTimeStamp":"2026-11-28T12:12:36Z"`:             756 * time.Second,
	"retry_delay { seconds: 33 }":                              33 * time.Second,
	"retry_delay {\n  seconds: 33\n  nanos: 500000000\n}":      33500 * time.Millisecond,
	`"retryDelay":{"seconds":"33","nanos":0}`:                  33 * time.Second,
	"ratelimit-reset: 50":                                      50 * time.Second,
	"x-ratelimit-reset-after: 12.5":                            12500 * time.Millisecond,
	"x-ratelimit-reset-tokens: 6m0s":                           6 * time.Minute,
	"X-RateLimit-Reset: 1795867500":                            5 * time.Minute,
	"anthropic-ratelimit-requests-reset: 2026-11-28T12:05:00Z": 5 * time.Minute,
	`RateLimit: "default";r=0;t=50`:                            50 * time.Second,
	`{\"error\":{\"resets_at\":1795867500}}`:                   5 * time.Minute,
	`"resetsAt": 1795867500000`:                                5 * time.Minute,
	"cooldown_minutes=3":                                       3 * time.Minute,
	"blocked_until=2026-11-28 12:05:00":                        5 * time.Minute,
	// prose with a length of time
	"Please try again in 20s":                                        20 * time.Second,
	"Please try again in 6m0s.":                                      6 * time.Minute,
	"try again in 1 hour and 5 minutes":                              65 * time.Minute,
	"rate limited, retry in 3h 12m":                                  192 * time.Minute,
	"rate limited; retry your request after 30 seconds":              30 * time.Second,
	"quota resets in 1h30m":                                          90 * time.Minute,
	"Rate limit reached, please wait 45 seconds before trying again": 45 * time.Second,
	"You must wait for another 2 minutes.":                           2 * time.Minute,
	"try again in a minute":                                          time.Minute,
	"try again in half an hour":                                      30 * time.Minute,
	"come back in a few minutes":                                     3 * time.Minute,
	"retry after 7":                                                  7 * time.Second,
	"available again in 10 min":                                      10 * time.Minute,
	"you are blocked for 15 minutes":                                 15 * time.Minute,
	"limit resets in: 02:00:05":                                      2*time.Hour + 5*time.Second,
	"try again after a couple of hours":                              2 * time.Hour,
	// moments
	"limit resets 3pm": 3 * time.Hour,
	"Your limit will reset at 3pm (America/New_York).": 8 * time.Hour,
	"resets 11:30pm":                           11*time.Hour + 30*time.Minute,
	"resets at 4 a.m. (Asia/Tokyo)":            7 * time.Hour,
	"resets Nov 28 at 4pm (Europe/Berlin)":     3 * time.Hour,
	"try again at Nov 28th, 2026 3:00 PM.":     3 * time.Hour,
	"try again at 28 November 2026, 15:00 UTC": 3 * time.Hour,
	"try again at 15:00 UTC on Nov 28":         3 * time.Hour,
	"retry at 15:00:00+02:00":                  time.Hour,
	"available at 2026-11-28 15:00 UTC":        3 * time.Hour,
	"usage limit reached; resets 12am PT":      20 * time.Hour,
	"resets midnight Pacific time":             20 * time.Hour,
	"try again tomorrow at 9":                  21 * time.Hour,
	"try again tomorrow at 9:30 am":            21*time.Hour + 30*time.Minute,
	"resets Sunday at 9am":                     21 * time.Hour,
	"too many requests: blocked until 12:45":   45 * time.Minute,
	"resets at midnight":                       12 * time.Hour,
	"resets at noon tomorrow":                  24 * time.Hour,
	"try again tonight at 11pm":                11 * time.Hour,
	"Claude AI usage limit reached|1795867500": 5 * time.Minute,
	"limit reached (1795867500000)":            5 * time.Minute,
	// wrapped lines
	"You've hit your usage limit. To get more access now, send a request to your\nadmin or try again at Nov 28th,\n2026 3:00 PM.": 3 * time.Hour,
	"You've hit your usage limit. To get more access now, try again in\n3 hours 5 minutes":                                        185 * time.Minute,
	// bounded
	"resets Dec 24 at 4pm":   Max,
	"retry-after: 9999999":   Max,
	"resets 5 days from now": Max,
}

func TestWaitsAreRead(t *testing.T) {
	for text, want := range asked {
		got, ok := In(text, noon)
		if got.For != want || ok != (want > 0) || got.Planned {
			t.Errorf("%q: %v %v, want %s", text, got, ok, want)
		}
	}
}

// TestWhoseWordATimeIs: a server's request comes before what the client planned.
func TestWhoseWordATimeIs(t *testing.T) {
	for text, want := range map[string]Hint{
		"429 [retry_delay { seconds: 33 }]. Retrying in 8s... (Attempt 20/20)": {33 * time.Second, false},
		"Retrying in 8s, the server said Retry-After: 33":                      {33 * time.Second, false},
		"Retrying in 8s... (Attempt 20/20)":                                    {8 * time.Second, true},
		"Retrying request to /v1/chat/completions in 0.5 seconds":              {500 * time.Millisecond, true},
		"will retry in 5s":                  {5 * time.Second, true},
		"we will automatically retry in 5s": {5 * time.Second, true},
		"backing off for 4s":                {4 * time.Second, true},
		"next attempt in 9s":                {9 * time.Second, true},
		"backoff_ms=1200":                   {1200 * time.Millisecond, true},
		"x-ratelimit-reset-requests: 1s, x-ratelimit-reset-tokens: 6s, retry-after: 2": {2 * time.Second, false},
		"x-ratelimit-reset-requests: 1s, x-ratelimit-reset-tokens: 6s":                 {6 * time.Second, false},
	} {
		if got, ok := In(text, noon); got != want || !ok {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
}

// TestNoWaitIsInvented holds lines with numbers and times that ask for nothing.
func TestNoWaitIsInvented(t *testing.T) {
	for _, text := range []string{
		"", "timeout set to 30s", "retried 3 times", "retry 2 of 5", "retry after 3 attempts failed", "max_retries: 5", "retry_count=3",
		"read: connection reset by peer", "connection reset at 10:23:45", "12:30:05 ERROR retry failed at 11:00:00", "timed out after 30s",
		"timed out waiting for 30s", "last retry at 13:10:00", "certificate is valid until Nov 29 2026", "token expires in 5 minutes",
		`{"iat":1795867500,"exp":1795868500}`, "request req_1795867500 failed", "retry-after: -5", "try again later", "try again",
		"Retry-After: Sat, 28 Nov 2026 11:00:00 GMT", "resets 11:55am", "resets at 2026-11-28T11:00:00Z", "reset 5 minutes ago",
		"please retry\n12:30:05 INFO starting", "Connection pool reset in 3ms", "was reset in 30s", "available on port 5432",
		"try again at http://host:8080/12", "resets: 99:99", "retry at 25:00", "retry_interval_ms=500", "retry-after: 5/7", "retry_timeout: 30s",
		"try again. It took 30s", "wait 5 seconds", "step 3 took 5 minutes", "no space left, available: 3", "retry after: soon",
		"2026-11-28 12:30:05 ERROR try again", "if resp.status == 429: sleep(30)", "next-retry-count: 5", "resets 31 Feb",
	} {
		if got, ok := In(text, noon); ok {
			t.Errorf("%q: a wait of %s was invented", text, got.For)
		}
	}
}

func FuzzIn(f *testing.F) {
	for _, text := range []string{"Retry-After: 7", "resets Jun 3 at 4pm (Europe/Berlin)", "retry_delay { seconds: 33 }", "|1795867500", "in a couple of of of"} {
		f.Add(text, int64(1795867200))
	}
	f.Fuzz(func(t *testing.T, text string, now int64) {
		at := time.Unix(now%(1<<33), 0).UTC()
		got, ok := In(text, at)
		if ok != (got.For > 0) || got.For < 0 || got.For > Max {
			t.Fatalf("%q: %v %v", text, got, ok)
		}
		if again, _ := In(text, at); again != got {
			t.Fatalf("%q: %v, and then %v", text, got, again)
		}
	})
}

func BenchmarkIn(b *testing.B) {
	for b.Loop() {
		In("Encountered ResourceExhausted: 429 This model has no quota [retry_delay { seconds: 33 } ]. Retrying in 8s... (Attempt 20/20)", noon)
	}
}
