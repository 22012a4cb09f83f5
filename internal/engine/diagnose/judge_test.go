package diagnose

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/heal"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestJudge(t *testing.T) {
	died := &heal.Exit{Code: 1}
	table := []struct {
		name  string
		exit  *heal.Exit
		lines string
		want  heal.ErrorType
	}{
		{"segfault", &heal.Exit{Signal: "SIGSEGV"}, "working", heal.ExecutionFailure},
		{"seccomp", &heal.Exit{Signal: "SIGSYS"}, "starting", heal.SafetyViolation},
		{"proven OOM", &heal.Exit{Signal: "SIGKILL", OOM: true}, "working", heal.ResourceExhaustion},
		{"unproven kill", &heal.Exit{Signal: "SIGKILL"}, "working", heal.Unknown},
		{"no such program", &heal.Exit{Errno: "ENOENT"}, "", heal.ConfigurationError},
		{"mapped exit", &heal.Exit{Code: 75, Mapped: heal.GoalConflict}, "", heal.GoalConflict},
		{"silent exit", died, "bye", heal.Unknown},
		{"lived through", died, "Error code: 401 - invalid api key\nkey renewed\nstep 1\nstep 2\nstep 3\nstep 4\nOSError: [Errno 28] No space left on device", heal.ResourceExhaustion},
		{"its consequence", died, "Error code: 401 - invalid api key\nstep 1\nfatal: giving up", heal.ConfigurationError},
		{"disk full", died, "OSError: [Errno 28] No space left on device", heal.ResourceExhaustion},
		{"refused", died, "dial tcp 10.0.0.1:80: connect: connection refused", heal.CommunicationError},
		{"database refused", died, "psycopg2.OperationalError: connection refused", heal.DependencyFailure},
		{"bad key", died, "Error code: 401 - invalid api key", heal.ConfigurationError},
		{"loss", died, "step 12: loss is nan, stopping", heal.LearningFailure},
		{"lock", died, "fatal: another process holds the lock", heal.GoalConflict},
		{"numbers", nil, "number 502\nnumber 504\nnumber 424\nnumber 529", heal.Benign},
		{"none failed", nil, "INFO summary: 12 passed, 0 failed", heal.Benign},
		{"retried", nil, "retry succeeded after 2 attempts", heal.Benign},
		{"setting", nil, "timeout set to 30s", heal.Benign},
		{"quoted", nil, `title: "Ten ways to fix an out of memory error"`, heal.Benign},
		{"guardrail", nil, "ERROR guardrail blocked tool call shell", heal.SafetyViolation},
	}
	c, err := classify.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			if got := Judge(c.Evidence(row.exit, strings.Split(row.lines, "\n"), noon), Context{}); got.Type != row.want {
				t.Errorf("got %s, want %s; evidence %q", got.Type, row.want, got.Evidence)
			}
		})
	}
}
