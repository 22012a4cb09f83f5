package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// TestCauseOfDeath: what happened outranks what was printed.
func TestCauseOfDeath(t *testing.T) {
	line := func(typ heal.ErrorType, age time.Duration, later int) heal.Vote {
		return heal.Vote{Type: typ, Weight: 0.84, Why: "rule x", Rule: "x", Template: "a line", Age: age, Later: later}
	}
	table := []struct {
		name     string
		exit     heal.Exit
		proved   time.Duration
		said     heal.Vote
		want     heal.ErrorType
		unproven bool
	}{
		{"last words", heal.Exit{Code: 1, Uptime: time.Hour}, 0, line(heal.CommunicationError, time.Second, 0), heal.CommunicationError, false},
		{"last words before a pause", heal.Exit{Code: 1, Uptime: time.Hour}, 0, line(heal.CommunicationError, 40*time.Second, 0), heal.CommunicationError, false},
		{"a minute and many lines ago", heal.Exit{Code: 1, Uptime: time.Hour}, 0, line(heal.CommunicationError, time.Minute, 20), heal.Unknown, false},
		{"minutes ago", heal.Exit{Code: 1, Uptime: time.Hour}, 0, line(heal.CommunicationError, 10*time.Minute, 0), heal.Unknown, false},
		{"progress came after it", heal.Exit{Code: 1, Uptime: time.Hour}, time.Second, line(heal.CommunicationError, 10*time.Second, 1), heal.Unknown, false},
		{"progress came before it", heal.Exit{Code: 1, Uptime: time.Hour}, 20 * time.Second, line(heal.CommunicationError, 10*time.Second, 1), heal.CommunicationError, false},
		{"a kill after a warning at the start", heal.Exit{Signal: "SIGKILL", Uptime: 100 * time.Second}, 0, line(heal.ConfigurationError, 100*time.Second, 9), heal.Unknown, false},
		{"a kill at once", heal.Exit{Signal: "SIGKILL", Uptime: time.Second}, 0, line(heal.ConfigurationError, time.Millisecond, 0), heal.Unknown, false},
		{"a term from somebody known", heal.Exit{Signal: "SIGTERM", Sender: "us", Uptime: time.Second}, 0, line(heal.ConfigurationError, 0, 0), heal.Unknown, false},
		{"memory", heal.Exit{Signal: "SIGKILL", OOM: true}, 0, line(heal.ConfigurationError, 0, 0), heal.ResourceExhaustion, false},
		{"a crash long after a warning", heal.Exit{Signal: "SIGSEGV", Uptime: 100 * time.Second}, 0, line(heal.ConfigurationError, 100*time.Second, 9), heal.ExecutionFailure, false},
		{"a bad setting at the start", heal.Exit{Code: 1, Uptime: time.Second}, 0, line(heal.ConfigurationError, 0, 0), heal.ConfigurationError, false},
		{"a bad setting after an hour", heal.Exit{Code: 1, Uptime: time.Hour}, 0, line(heal.ConfigurationError, 0, 0), heal.ConfigurationError, true},
		{"a bad setting in other words", heal.Exit{Code: 1, Uptime: time.Second}, 0, line(heal.ConfigurationError, 0, 7), heal.ConfigurationError, true},
		{"its own code", heal.Exit{Code: 78, Uptime: time.Hour}, 0, line(heal.ConfigurationError, 0, 0), heal.ConfigurationError, false},
		{"a page that was read", heal.Exit{Code: 3, Uptime: time.Minute}, 0, line(heal.SafetyViolation, time.Second, 3), heal.SafetyViolation, true},
		{"a crash of the sandbox", heal.Exit{Signal: "SIGSYS", Uptime: time.Minute}, 0, line(heal.SafetyViolation, time.Second, 3), heal.SafetyViolation, false},
	}
	for _, row := range table {
		e := heal.Evidence{Exit: &row.exit, Output: heal.TextEvidence{Votes: []heal.Vote{row.said}, Template: "a line", Proved: row.proved}}
		d := Judge(e, Context{})
		if d.Type != row.want || d.Unproven != row.unproven {
			t.Errorf("%s: got %s, unproven %v: want %s, %v; %q", row.name, d.Type, d.Unproven, row.want, row.unproven, d.Evidence)
		}
		if counted := row.said.Type == d.Type && d.Type != heal.ResourceExhaustion; counted != (d.Template != "") {
			t.Errorf("%s: the template is %q", row.name, d.Template)
		}
	}
}

// TestOperatorsRulesOutrankTheExit: a person knows better what a line means.
func TestOperatorsRulesOutrankTheExit(t *testing.T) {
	said := heal.Vote{Type: heal.GoalConflict, Weight: heal.OperatorWeight, Age: time.Second}
	d := Judge(heal.Evidence{Exit: &heal.Exit{Signal: "SIGKILL"}, Output: heal.TextEvidence{Votes: []heal.Vote{said}}}, Context{})
	if d.Type != heal.GoalConflict {
		t.Errorf("got %s: %q", d.Type, d.Evidence)
	}
}

// TestTheWaitBelongsToTheDecidingLine: one of another type says nothing about when to try again.
func TestTheWaitBelongsToTheDecidingLine(t *testing.T) {
	limited := heal.Vote{Type: heal.DependencyFailure, Weight: 0.8, Wait: 24 * time.Hour, Template: "429"}
	refused := heal.Vote{Type: heal.CommunicationError, Weight: 0.9, Template: "refused"}
	for _, row := range []struct {
		votes []heal.Vote
		want  time.Duration
	}{
		{[]heal.Vote{limited, refused}, 0},
		{[]heal.Vote{limited}, 24 * time.Hour},
		{[]heal.Vote{limited, {Type: heal.DependencyFailure, Weight: 0.9, Wait: time.Minute}}, time.Minute},
		{[]heal.Vote{limited, {Type: heal.DependencyFailure, Weight: 0.9}}, 24 * time.Hour},
	} {
		d := Judge(heal.Evidence{Exit: &heal.Exit{Code: 1}, Output: heal.TextEvidence{Votes: row.votes}}, Context{})
		if d.Wait != row.want {
			t.Errorf("%v: got %s", row, d.Wait)
		}
	}
}

// TestCodesThatManyUse: 64 and 127 name a cause only where nothing was printed.
func TestCodesThatManyUse(t *testing.T) {
	for _, row := range []struct {
		code     int
		template string
		want     heal.ErrorType
	}{
		{127, "", heal.ConfigurationError}, {127, "bye", heal.Unknown}, {64, "", heal.ConfigurationError}, {64, "bye", heal.Unknown},
		{78, "bye", heal.ConfigurationError}, {126, "bye", heal.ConfigurationError},
	} {
		d := Judge(heal.Evidence{Exit: &heal.Exit{Code: row.code}, Output: heal.TextEvidence{Template: row.template}}, Context{})
		if d.Type != row.want {
			t.Errorf("code %d after %q: got %s, want %s", row.code, row.template, d.Type, row.want)
		}
	}
}

// TestUsualLines: what healthy runs print counts only where a fact agrees.
func TestUsualLines(t *testing.T) {
	const usual = "printed in 14 of 14 healthy runs"
	said := heal.Vote{Type: heal.ConfigurationError, Weight: 0.84, Why: "rule x: no key", Rule: "x", Template: "no key", Usual: usual}
	other := heal.Vote{Type: heal.CommunicationError, Weight: 0.7, Why: "rule y: refused", Rule: "y", Template: "refused"}
	guess := heal.Vote{Type: heal.ConfigurationError, Weight: 0.5, Why: "words", Guess: true}
	table := []struct {
		name  string
		exit  *heal.Exit
		votes []heal.Vote
		found []heal.Vote
		want  heal.ErrorType
		told  bool
	}{
		{"alone", &heal.Exit{Code: 1, Uptime: time.Second}, []heal.Vote{said}, nil, heal.Unknown, true},
		{"with a guess", &heal.Exit{Code: 1, Uptime: time.Second}, []heal.Vote{said, guess}, nil, heal.Unknown, true},
		{"beside another line", &heal.Exit{Code: 1, Uptime: time.Second}, []heal.Vote{other, said}, nil, heal.CommunicationError, true},
		{"a code that agrees", &heal.Exit{Code: 78, Uptime: time.Second}, []heal.Vote{said}, nil, heal.ConfigurationError, false},
		{"a code of another kind", &heal.Exit{Code: 69, Uptime: time.Second}, []heal.Vote{said}, nil, heal.DependencyFailure, true},
		{"a probe that agrees", &heal.Exit{Code: 1}, []heal.Vote{said}, []heal.Vote{{Type: heal.ConfigurationError, Weight: 0.6, Why: "probe"}}, heal.ConfigurationError, false},
		{"of a living agent", nil, []heal.Vote{said}, nil, heal.Benign, true},
		{"beside another line of a living agent", nil, []heal.Vote{said, other}, nil, heal.CommunicationError, true},
	}
	for _, row := range table {
		d := Judge(heal.Evidence{Exit: row.exit, Running: row.exit == nil, Findings: row.found, Output: heal.TextEvidence{Votes: row.votes, Template: "no key", Rule: "x"}}, Context{})
		if d.Type != row.want {
			t.Errorf("%s: got %s, want %s; %q", row.name, d.Type, row.want, d.Evidence)
		}
		if told := slices.ContainsFunc(d.Evidence, func(s string) bool { return strings.HasSuffix(s, usual) }); told != row.told {
			t.Errorf("%s: the evidence is %q", row.name, d.Evidence)
		}
	}
}
