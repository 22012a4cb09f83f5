package classify

import (
	"encoding/json"
	"testing"
)

// wrappings are what logs make of a message.
var wrappings = map[string]func(string) string{
	"bare":      func(m string) string { return m },
	"time":      func(m string) string { return "2026-01-02 03:04:05 " + m },
	"container": func(m string) string { return "worker-1  | " + m },
	"syslog":    func(m string) string { return "Jan  2 03:04:05 host worker[12]: " + m },
	"level":     func(m string) string { return "2026-01-02T03:04:05.678Z INFO worker.main: " + m },
	"klog":      func(m string) string { return "I0102 03:04:05.678901       1 main.go:42] " + m },
	"logfmt": func(m string) string {
		b, _ := json.Marshal(m)
		return "time=2026-01-02T03:04:05Z level=info msg=" + string(b)
	},
	"JSON": func(m string) string {
		b, _ := json.Marshal(map[string]string{"time": "2026-01-02T03:04:05Z", "level": "info", "msg": m})
		return string(b)
	},
}

func TestUnwrapping(t *testing.T) {
	const want = "Thought: the last call said \"no\""
	for name, wrap := range wrappings {
		text, logger := unwrapped(wrap(want))
		if got := text[logger:]; got != want && text != want && name != "logfmt" {
			t.Errorf("%s: got %q after %d bytes of %q", name, got, logger, text)
		}
	}
}

// TestNoWrappingRaisesAnAlarm: what is no failure bare is none in a log either, and what is
// repeated as long as all is well may be repeated.
func TestNoWrappingRaisesAnAlarm(t *testing.T) {
	c := classifier(t)
	for said, times := range map[string]int{
		"Human: my script says permission denied, why?":                1,
		"Thought: I should check whether the previous command failed.": 1,
		"An OOM kill happens when the kernel runs out of memory.":      1,
		"PASS: handles SIGSEGV in child":                               8,
		"Failed jobs in queue: 0":                                      8,
		"errors: []":                                                   8,
		"polling the agent's queue, 0 jobs":                            8,
		"heartbeat of agent 3":                                         8,
	} {
		for name, wrap := range wrappings {
			lines := make([]string, times)
			for i := range lines {
				lines[i] = wrap(said)
			}
			if d := judged(c, nil, lines); d.Type != "benign" {
				t.Errorf("%s, %q: %s %q", name, said, d.Type, d.Evidence)
			}
		}
	}
}
