package classify

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// reports are what runtimes print of an error that was made of another one. The deepest
// cause is the one that tells what to do.
var reports = []struct {
	name, text string
	want       heal.ErrorType
	deepest    string
}{
	{"python, raised from", `Traceback (most recent call last):
  File "/srv/a.py", line 3, in fetch
    socket.create_connection(("10.0.0.1", 80))
ConnectionRefusedError: [Errno 111] Connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/a.py", line 9, in <module>
    fetch()
RuntimeError: the plan could not be finished`, heal.CommunicationError, "ConnectionRefusedError: [Errno 111] Connection refused"},
	{"java", `Exception in thread "main" java.lang.RuntimeException: the plan could not be finished
	at A.main(A.java:4)
Caused by: com.acme.StepException: step 3
	at A.step(A.java:9)
	... 1 more
Caused by: java.io.IOException: No space left on device
	at java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)
	... 2 more`, heal.ResourceExhaustion, "Caused by: java.io.IOException: No space left on device"},
	{"node", `Error: planner call failed
    at main (/srv/a.js:4:9) {
  [cause]: TypeError: fetch failed
      at node:internal/deps/undici/undici:12618:11 {
    [cause]: Error: connect ECONNREFUSED 127.0.0.1:18499
        at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)`, heal.CommunicationError, "    [cause]: Error: connect ECONNREFUSED 127.0.0.1:18499"},
	{".net", `Unhandled exception. System.InvalidOperationException: the step was not finished
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at System.Net.Sockets.Socket.Connect(EndPoint remoteEP)
   --- End of inner exception stack trace ---
   at Program.Main() in /srv/Program.cs:line 9`, heal.CommunicationError, " ---> System.Net.Sockets.SocketException (111): Connection refused"},
	{"ruby", `a.rb:2:in 'rescue in <main>': the step was not finished (RuntimeError)
	from a.rb:1:in '<main>'
a.rb:1:in 'initialize': Connection refused - connect(2) for "127.0.0.1" port 9 (Errno::ECONNREFUSED)
	from a.rb:1:in '<main>'`, heal.CommunicationError, `a.rb:1:in 'initialize': Connection refused - connect(2) for "127.0.0.1" port 9 (Errno::ECONNREFUSED)`},
	{"rust", `Error: the step was not finished

Caused by:
    0: cannot write the checkpoint
    1: No space left on device (os error 28)`, heal.ResourceExhaustion, "    1: No space left on device (os error 28)"},
	{"php", `PHP Fatal error:  Uncaught PDOException: SQLSTATE[40001]: deadlock detected in /srv/a.php:3
Stack trace:
#0 /srv/a.php(3): run()
#1 {main}

Next RuntimeException: the step was not finished in /srv/a.php:5
Stack trace:
#0 {main}
  thrown in /srv/a.php on line 5`, heal.GoalConflict, "PHP Fatal error:  Uncaught PDOException: SQLSTATE[40001]: deadlock detected in /srv/a.php:3"},
	{"a record of JSON", `{"level":50,"msg":"step failed","err":{"stack":"Error: step failed\n    at run (/srv/a.js:1:1) {\n  [cause]: Error: getaddrinfo ENOTFOUND db.internal\n      at GetAddrInfoReqWrap (node:dns:1:1)"}}`,
		heal.CommunicationError, "  [cause]: Error: getaddrinfo ENOTFOUND db.internal"},
}

func TestDeepestCauseDecides(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		t.Run(r.name, func(t *testing.T) {
			lines := strings.Split(r.text, "\n")
			d := judged(c, &heal.Exit{Code: 1}, lines)
			if d.Type != r.want {
				t.Errorf("got %s: want %s\n%s", d.Type, r.want, strings.Join(d.Evidence, "\n"))
			}
			lines, _ = unfold(lines)
			for i, role := range rolesOf(lines) {
				if (role == deepest) != (lines[i] == r.deepest) {
					t.Errorf("role of %q is %d", lines[i], role)
				}
			}
		})
	}
}

func TestCondenseKeepsBothEndsOfAStack(t *testing.T) {
	lines := []string{"java.lang.IllegalStateException: closed"}
	for range 200 {
		lines = append(lines, "\tat A.f(A.java:1)")
	}
	lines = append(lines, "Caused by: java.io.IOException: disk", "\tat B.g(B.java:2)", "end")
	got := Condense(lines, EvidenceLines)
	if got[0] != lines[0] || got[len(got)-1] != "end" || len(got) > 8 {
		t.Errorf("got %q", got)
	}
}

func TestCondenseLeavesFewLinesAlone(t *testing.T) {
	if got := Condense([]string{"a", "\tat b", "\tat c", "\tat d"}, 4); len(got) != 4 {
		t.Errorf("got %q", got)
	}
}

func FuzzReport(f *testing.F) {
	for _, r := range reports {
		f.Add(r.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		if got := Condense(lines, EvidenceLines); len(got) > EvidenceLines {
			t.Errorf("%d lines are left", len(got))
		}
		if all, _ := unfold(lines); len(rolesOf(all)) != len(all) {
			t.Error("a line has no role")
		}
	})
}

func TestCauseIsToldWithItsDeadline(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]struct {
		cause heal.Cause
		wait  time.Duration
	}{
		"Error: 429 Too Many Requests, Retry-After: 17":                      {heal.RateLimit, 17 * time.Second},
		"openai.APIError: insufficient_quota: quota exceeded, resets in 2h":  {heal.Quota, 2 * time.Hour},
		"anthropic.AuthenticationError: Error code: 401 - invalid x-api-key": {heal.Auth, 0},
		"anthropic.InternalServerError: Error code: 529 - overloaded_error":  {heal.Overload, 0},
		"RuntimeError: could not parse the answer of the tool":               {"", 0},
	} {
		d := judged(c, &heal.Exit{Code: 1}, []string{line})
		if d.Cause != want.cause || d.Wait != want.wait {
			t.Errorf("%q: got %q (%s), wait %s", line, d.Cause, d.Type, d.Wait)
		}
	}
}
