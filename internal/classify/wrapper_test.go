package classify_test

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// TestCauseBeforeWrapper: how a program ended, or who reports it, never outweighs why.
func TestCauseBeforeWrapper(t *testing.T) {
	c, err := classify.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	frames := strings.Repeat("    at com.acme.Ledger.close(Ledger.java:71)\n", 8)
	for _, tc := range []struct {
		output string
		exit   heal.Exit
		want   heal.ErrorType
	}{
		{"thread 'main' panicked at src/main.rs:4:10:\ncalled `Result::unwrap()` on an `Err` value: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
			heal.Exit{Code: 101}, heal.CommunicationError},
		{"thread 'main' panicked at src/main.rs:4:10:\ncalled `Result::expect()` on an `Err` value: Os { code: 28, kind: StorageFull, message: \"No space left on device\" }", heal.Exit{Code: 101}, heal.ResourceExhaustion},
		{"Out of memory!\npanic: fold_constants JMPENV_PUSH returned 2 at run.pl line 1.", heal.Exit{Code: 12}, heal.ResourceExhaustion},
		{"FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n/srv/run.sh: line 3: 4028 Aborted (core dumped) node app.js", heal.Exit{Code: 134}, heal.ResourceExhaustion},
		{"terminate called after throwing an instance of 'std::filesystem::filesystem_error'\n  what():  cannot copy: No space left on device", heal.Exit{Signal: "SIGABRT", Core: true}, heal.ResourceExhaustion},
		{"Exception in thread \"main\" java.nio.file.AccessDeniedException: access denied: /etc/shadow\n" + frames, heal.Exit{Code: 1}, heal.SafetyViolation},
		{"Internal error: connect ECONNREFUSED 10.0.0.7:8080", heal.Exit{Code: 1}, heal.CommunicationError},
		{"npm ERR! code ENOSPC\nnpm ERR! errno -28\nnpm ERR! no space left on device, write\nnpm ERR! build failed", heal.Exit{Code: 228}, heal.ResourceExhaustion},
		// What names no other cause keeps its meaning, and so does what another report says.
		{"thread 'main' panicked at src/main.rs:4:10:\nledger is out of balance", heal.Exit{Code: 101}, heal.ExecutionFailure},
		{"terminate called without an active exception", heal.Exit{Signal: "SIGABRT"}, heal.ExecutionFailure},
		{"connection refused\n1 copied\n2 copied\n3 copied\n4 copied\n5 copied\npanic: runtime error: index out of range [4] with length 4\n\ngoroutine 1 [running]:", heal.Exit{Code: 2}, heal.ExecutionFailure},
	} {
		e := c.Evidence(&tc.exit, strings.Split(strings.TrimRight(tc.output, "\n"), "\n"), time.Time{})
		if d := diagnose.Judge(e, diagnose.Context{}); d.Type != tc.want {
			t.Errorf("%q is %s, want %s: %q", tc.output, d.Type, tc.want, d.Evidence)
		}
	}
}
