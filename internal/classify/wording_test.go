package classify

import (
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// TestWordingDecidesWhereNoRuleDoes: the messages are in no corpus.
func TestWordingDecidesWhereNoRuleDoes(t *testing.T) {
	c := classifier(t)
	for line, want := range map[string]heal.ErrorType{
		"certificate of the peer is no good, connection given up":      heal.CommunicationError,
		"setting \"mode\" has the impossible value \"fastest\"":        heal.ConfigurationError,
		"memory and swap are gone, allocation given up":                heal.ResourceExhaustion,
		"ERROR tensors of the checkpoint have the dimension of others": heal.LearningFailure,
		"Something went wrong, please try again later":                 heal.Unknown,
		"agent stopped": heal.Unknown,
	} {
		d := judged(c, &heal.Exit{Code: 1}, []string{"all is well", line})
		if d.Type != want {
			t.Errorf("%q is judged %s: want %s; %q", line, d.Type, want, d.Evidence)
		}
		if d.Treated() != heal.Unknown {
			t.Errorf("%q is treated as %s: nothing but its wording tells", line, d.Treated())
		}
		if told := strings.Contains(strings.Join(d.Evidence, " "), "its words speak of that"); !told {
			t.Errorf("%q: the evidence is %q", line, d.Evidence)
		}
		living := judged(c, nil, []string{line})
		if called := strings.HasPrefix(line, "ERROR"); called && (living.Type != want || living.Treated() != heal.Unknown) {
			t.Errorf("%q of a living agent is judged %s and treated as %s: want %s and unknown", line, living.Type, living.Treated(), want)
		} else if !called && living.Type == want && want != heal.Unknown {
			t.Errorf("%q of a living agent is judged %s", line, living.Type)
		}
		if d := judged(c, &heal.Exit{Signal: "SIGTERM"}, []string{line}); d.Type == want && want != heal.Unknown {
			t.Errorf("%q of an agent that was ended by others is judged %s", line, d.Type)
		}
	}
}

// TestWordingVetoesAlarms: rules find words of failures in all of these lines, and none of them
// reports one. They are of no corpus.
func TestWordingVetoesAlarms(t *testing.T) {
	c := classifier(t)
	for _, line := range []string{
		"  --connect-timeout <seconds>   Abort when the connection timed out is reached",
		"9f3c2d1 fix: crash with out of memory when the queue is full",
		"libboost-exception1.74-dev - set of crash and error handling tools for C++",
		"max_connection_errors = 100   # connection refused this often blocks a host",
	} {
		var s Scratch
		if m, ok := c.Line([]byte(line), &s); ok {
			t.Errorf("%q is taken for %s by rule %s", line, m.Type, m.Rule)
		}
		if d := judged(c, nil, []string{line}); d.Type != heal.Benign {
			t.Errorf("%q is judged %s: %q", line, d.Type, d.Evidence)
		}
	}
	for _, line := range []string{
		"ERROR cannot connect to 10.0.0.4:5432: connection refused",
		"2026-03-01 10:00:00 FATAL worker ran out of memory",
		"write /var/lib/agent/state: no space left on device",
	} {
		var s Scratch
		if _, ok := c.Line([]byte(line), &s); !ok {
			t.Errorf("%q is no alarm any more", line)
		}
	}
}
