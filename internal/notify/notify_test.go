package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/testlab"
)

// reaper is the one of this test process.
var reaper = procs.NewReaper()

func TestMain(m *testing.M) { os.Exit(testlab.Reaping(reaper, m.Run)) }

func outbox(t *testing.T, ways ...config.Notify) *Outbox {
	for i := range ways {
		if ways[i].Timeout == 0 {
			ways[i].Timeout = 10 * time.Second
		}
	}
	return &Outbox{Dir: filepath.Join(t.TempDir(), "outbox"), Reaper: reaper, Log: hclog.NewNullLogger(), Ways: func() []config.Notify { return ways }}
}

func notice(reason string) Notice {
	return Notice{
		At: time.Now(), Host: "h", Agent: "a", Incident: "inc-1", Reason: reason,
		Diagnosis: &heal.Diagnosis{Type: heal.ConfigurationError, Severity: 0.9, Evidence: []string{"it says no"}},
	}
}

// listener keeps what was posted to it.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
}

func listen(t *testing.T, code func() int) *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.bodies = append(l.bodies, r.URL.Path+" "+string(b))
		l.mu.Unlock()
		w.WriteHeader(code())
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) got() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.bodies)
}

func ok() int { return http.StatusOK }

func TestEveryDeclaredWayIsTold(t *testing.T) {
	hook, manager := listen(t, ok), listen(t, ok)
	dir := t.TempDir()
	o := outbox(t,
		config.Notify{Name: "hook", URL: hook.URL},
		config.Notify{Name: "command", Command: []string{"sh", "-c", `cat >told; printf %s "$HEALER_REASON" >reason`}, Dir: dir},
		config.Notify{Name: "manager", Alertmanager: manager.URL + "/"},
		config.Notify{Name: "chat", Service: "generic+" + hook.URL + "/chat?template=json"},
	)
	hostile := "$(touch canary) `touch canary`; touch canary\n-rf"
	said, err := o.Tell(t.Context(), notice(hostile))
	if err != nil || !slices.Equal(said, []string{"told hook", "told command", "told manager", "told chat"}) {
		t.Fatalf("%v, %v", said, err)
	}
	if reason, err := os.ReadFile(filepath.Join(dir, "reason")); err != nil || string(reason) != hostile {
		t.Errorf("the command was told %q, %v", reason, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "canary")); err == nil {
		t.Error("text became a command")
	}
	if all := hook.got(); len(all) != 2 || !strings.Contains(strings.Join(all, ""), "/chat") {
		t.Errorf("the hook and the chat were told %v", all)
	}
	var alerts []alert
	path, body, _ := strings.Cut(manager.got()[0], " ")
	if err := json.Unmarshal([]byte(body), &alerts); err != nil || path != "/api/v2/alerts" || alerts[0].Labels["type"] != "configuration_error" || alerts[0].Labels["severity"] != "critical" {
		t.Errorf("%s %v, %v", path, alerts, err)
	}
}

// TestTheAlertIsWithdrawn: what says that it is over has the labels of what it ends.
func TestTheAlertIsWithdrawn(t *testing.T) {
	begun := notice("it fails")
	over := begun
	over.At, over.Resolved = begun.At.Add(time.Minute), true
	a, b := alerts(begun)[0], alerts(over)[0]
	if fmt.Sprint(a.Labels) != fmt.Sprint(b.Labels) || !b.EndsAt.Equal(over.At) || !a.EndsAt.After(over.At) {
		t.Errorf("%+v is ended by %+v", a, b)
	}
}

func TestNoRedirectIsFollowedAndNoSecretRepeated(t *testing.T) {
	elsewhere := listen(t, ok)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer server.Close()
	err := send(t.Context(), reaper, config.Notify{Name: "hook", URL: server.URL + "/hooks/T0SECRET", Timeout: 10 * time.Second}, notice("x"))
	if err == nil || !strings.Contains(err.Error(), "302") || strings.Contains(err.Error(), "SECRET") || len(elsewhere.got()) != 0 {
		t.Errorf("%v; elsewhere was told %v", err, elsewhere.got())
	}
	server.Close()
	err = send(t.Context(), reaper, config.Notify{Name: "hook", URL: server.URL + "/hooks/T0SECRET", Timeout: time.Second}, notice("x"))
	if err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("an error repeats the address: %v", err)
	}
}

func TestACommandThatHangsIsEndedWithAllItStarted(t *testing.T) {
	dir := t.TempDir()
	err := send(t.Context(), reaper, config.Notify{
		Name: "command", Command: []string{"sh", "-c", "sleep 300 & echo $! > pid; wait"}, Dir: dir, Timeout: 300 * time.Millisecond,
	}, notice("x"))
	if err == nil || !strings.Contains(err.Error(), "did not end in time") {
		t.Errorf("%v", err)
	}
	pid, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/cmdline"); err == nil && strings.HasPrefix(string(b), "sleep") {
		t.Error("what the command started is still running")
	}
}

// TestWhatCannotBeDeliveredWaits: on the disk, for the next sidecar as well.
func TestWhatCannotBeDeliveredWaits(t *testing.T) {
	var up atomic.Bool
	hook := listen(t, func() int {
		if up.Load() {
			return http.StatusOK
		}
		return http.StatusServiceUnavailable
	})
	o := outbox(t, config.Notify{Name: "hook", URL: hook.URL})
	said, err := o.Tell(t.Context(), notice("it fails"))
	if err != nil || len(said) != 1 || !strings.Contains(said[0], "will be told") {
		t.Fatalf("%v, %v", said, err)
	}
	up.Store(true)
	next := &Outbox{Dir: o.Dir, Reaper: reaper, Log: hclog.NewNullLogger(), Ways: o.Ways}
	ctx, end := context.WithTimeout(t.Context(), 20*time.Second)
	defer end()
	go next.Run(ctx)
	for len(next.names()) > 0 {
		select {
		case <-ctx.Done():
			t.Fatal("it was not tried again")
		case <-time.After(10 * time.Millisecond):
		}
	}
	if all := hook.got(); len(all) != 2 || all[0] != all[1] {
		t.Errorf("told %v", all)
	}
}

func TestTheQueueIsBounded(t *testing.T) {
	o := outbox(t)
	for i := range maxWaiting + 20 {
		n := notice(fmt.Sprint(i))
		n.At = time.Unix(int64(1_000_000_000+i), 0)
		if err := o.keep(waiting{Way: "w", Notices: []Notice{n}}); err != nil {
			t.Fatal(err)
		}
	}
	names := o.names()
	if len(names) != maxWaiting || !strings.HasPrefix(names[0], "1000000020") {
		t.Errorf("%d wait, the oldest %s", len(names), names[0])
	}
}

func TestRetriesGrow(t *testing.T) {
	for tries, most := range map[int]time.Duration{1: 3 * time.Second, 5: 16 * time.Second, 50: 450 * time.Second} {
		for range 100 {
			if d := retryAfter(tries); d <= 0 || d > most {
				t.Errorf("after %d tries it waits %s", tries, d)
			}
		}
	}
}

// TestWhatIsLikeOthersIsToldTogether: the first at once, the others in one.
func TestWhatIsLikeOthersIsToldTogether(t *testing.T) {
	hook, manager := listen(t, ok), listen(t, ok)
	o := outbox(t, config.Notify{Name: "hook", URL: hook.URL}, config.Notify{Name: "manager", Alertmanager: manager.URL})
	for i := range 10 {
		for range 2 { // once and, for whatever reason, again
			n := notice("it fails")
			n.Agent, n.Incident = fmt.Sprintf("a%d", i), fmt.Sprintf("inc-%d", i)
			if _, err := o.Tell(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
	}
	over := notice("it is well")
	over.Incident, over.Resolved = "inc-3", true
	if said, err := o.Tell(t.Context(), over); err != nil || !strings.Contains(said[0], "over before") {
		t.Errorf("said %v, %v", said, err)
	}
	if len(hook.got()) != 1 || len(manager.got()) != 11 {
		t.Fatalf("the hook was told %d times, the manager %d times", len(hook.got()), len(manager.got()))
	}
	names := o.names()
	path := filepath.Join(o.Dir, names[0])
	w, err := load(path)
	if err != nil || len(names) != 1 || len(w.Notices) != 8 || time.Until(w.Next) > groupFor {
		t.Fatalf("%d wait: %+v, %v", len(names), w, err)
	}
	w.Next = time.Now()
	if err := save(path, w); err != nil {
		t.Fatal(err)
	}
	o.again(t.Context(), path)
	if all := hook.got(); len(all) != 2 || strings.Count(all[1], `"incident":"inc-`) != 8 || strings.Contains(all[1], "inc-3") {
		t.Errorf("told %v", all)
	}
	if len(o.names()) != 0 {
		t.Error("what was told still waits")
	}
}

// TestTheDeskSorts by cause, incident and how much was told already.
func TestTheDeskSorts(t *testing.T) {
	var d desk
	begun := time.Unix(1_000_000, 0)
	say := func(after time.Duration, incident, reason, fingerprint string) string {
		n := notice(reason)
		n.Incident, n.Diagnosis.Fingerprint = incident, fingerprint
		before, wait := d.judge(begun.Add(after), n)
		switch {
		case before:
			return "before"
		case wait.IsZero():
			return "now"
		}
		return "at " + wait.Sub(begun).String()
	}
	for _, row := range []struct {
		after                         time.Duration
		incident, reason, print, want string
	}{
		{0, "inc-1", "it fails", "x", "now"},
		{time.Second, "inc-1", "it fails", "x", "before"},
		{2 * time.Second, "inc-1", "no remedy is left", "x", "now"},
		{3 * time.Second, "inc-2", "it fails", "x", "at 1m0s"},
		{4 * time.Second, "inc-3", "it fails", "y", "now"},
		{5 * time.Second, "inc-4", "it fails", "z", "now"},
		{6 * time.Second, "inc-5", "it fails", "w", "now"},
		{7 * time.Second, "inc-6", "it fails", "v", "at 1m0s"},
		{61 * time.Second, "inc-7", "it fails", "u", "now"},
		{2 * time.Minute, "inc-8", "it fails", "x", "now"},
	} {
		if got := say(row.after, row.incident, row.reason, row.print); got != row.want {
			t.Errorf("after %s %s, %s is told %s, want %s", row.after, row.incident, row.reason, got, row.want)
		}
	}
	for i := range 3 * maxTold {
		say(time.Hour, fmt.Sprint("many-", i), "it fails", "x")
	}
	if len(d.told) > maxTold || len(d.order) > maxTold || len(d.sent) > atOnce {
		t.Errorf("it keeps %d and %d", len(d.told), len(d.sent))
	}
}
