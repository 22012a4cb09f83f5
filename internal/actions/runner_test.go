package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
	"healer-sidecar/internal/notify"
	"healer-sidecar/testlab"
)

// reaper is the one of this test process.
var reaper = procs.NewReaper()

func TestMain(m *testing.M) { os.Exit(testlab.Reaping(reaper, m.Run)) }

// units records what is asked of it and refuses what a test did not expect.
type units struct {
	t     *testing.T
	asked []string
	// contexts are those with which each was asked.
	contexts []context.Context
	refuse   map[string]error
	worn     config.Overlays
	state    string
	// stopped are its processes that somebody has stopped.
	stopped []string
	// members are the processes of agent a.
	members []procfs.Identity
}

func (u *units) ask(what string) error { return u.askWithin(context.Background(), what) }

func (u *units) askWithin(ctx context.Context, what string) error {
	u.asked, u.contexts = append(u.asked, what), append(u.contexts, ctx)
	return u.refuse[strings.Fields(what)[0]]
}

func (u *units) Start(ctx context.Context, agent string) error {
	return u.askWithin(ctx, "start "+agent)
}
func (u *units) Stop(ctx context.Context, agent string) error { return u.askWithin(ctx, "stop "+agent) }
func (u *units) Freeze(agent string) (string, error)          { return "frozen", u.ask("freeze " + agent) }
func (u *units) StopBy(_ context.Context, agent string, sig syscall.Signal) error {
	return u.ask(fmt.Sprintf("stop %s by %d", agent, sig))
}
func (u *units) Thaw(agent string) error { return u.ask("thaw " + agent) }
func (u *units) Continue(agent string) ([]string, error) {
	if len(u.stopped) == 0 {
		return nil, nil
	}
	return u.stopped, u.ask("continue " + agent)
}
func (u *units) Lift(agent string) error { return u.ask("lift " + agent) }
func (u *units) Limit(agent string, l cgroup.Limits) (string, error) {
	return "cgroup: " + l.String(), u.ask("limit " + agent + " " + l.String())
}
func (u *units) Slow(agent string, _ float64) (string, error) {
	return "duty cycle", u.ask("slow " + agent)
}
func (u *units) Status(string) heal.ProcessStatus {
	return heal.ProcessStatus{State: cmp.Or(u.state, "frozen")}
}
func (u *units) Dressed(string) config.Overlays { return u.worn }
func (u *units) Dress(agent string, d config.Overlays) error {
	u.worn = d
	return u.ask(fmt.Sprintf("dress %s %d/%s/%d", agent, d.Degrade, d.Alternative, d.Tune))
}
func (u *units) SignalAgent(agent string, sig syscall.Signal) error {
	return u.ask(fmt.Sprintf("signal %s %d", agent, sig))
}
func (u *units) Members() map[string][]procfs.Identity {
	return map[string][]procfs.Identity{"a": u.members}
}

type readings map[string]sampling.Usage

func (r readings) Usage(agent string) (sampling.Usage, bool) {
	u, ok := r[agent]
	return u, ok
}

// carry carries one attempt out and returns the report.
func carry(t *testing.T, r *Runner, a heal.Attempt) heal.Result {
	t.Helper()
	reports := make(chan heal.Result, 1)
	r.Reaper, r.Log = reaper, hclog.NewNullLogger()
	if r.Agent == nil {
		r.Agent = func(string) (config.Agent, bool) { return config.Agent{}, false }
	}
	r.Redact = func(line string) string { return strings.ReplaceAll(line, "hunter2", "[redacted]") }
	r.Note = func(string, string) {}
	r.Report = func(result heal.Result) { reports <- result }
	r.Outbox = outbox(t)
	a.ID, a.Agent = "inc-1.1", "a"
	r.Do(a)
	select {
	case result := <-reports:
		r.Close()
		return result
	case <-time.After(time.Minute):
		t.Fatal("no report came")
		return heal.Result{}
	}
}

func value(v float64) *float64 { return &v }

// TestKinds shows what every strategy and its undo ask of the host.
func TestKinds(t *testing.T) {
	use := readings{"a": {CPU: value(90), Memory: value(200 << 20), Threads: value(12)}}
	table := []struct {
		name    string
		attempt heal.Attempt
		refuse  map[string]error
		asked   []string
		fails   bool
	}{
		{"retry", heal.Attempt{Strategy: heal.Retry}, nil, []string{"start a"}, false},
		{"wait_and_retry", heal.Attempt{Strategy: heal.WaitAndRetry}, nil, []string{"start a"}, false},
		{"restart", heal.Attempt{Strategy: heal.Restart}, nil, []string{"stop a", "start a"}, false},
		{"restart over survivors", heal.Attempt{Strategy: heal.Restart}, map[string]error{"stop": errors.New("unkillable")}, []string{"stop a"}, true},
		{"throttle cpu", heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.CPU, Factor: 0.5}}, nil, []string{"limit a cpu 45 %"}, false},
		{"throttle memory", heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.Memory, Factor: 0.5}}, nil, []string{"limit a memory 100 MiB"}, false},
		{"throttle threads", heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.Threads, Factor: 0.5}}, nil, []string{"limit a pids 12"}, false},
		{"no rights: weaker means", heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.CPU, Factor: 0.5}}, map[string]error{"limit": os.ErrPermission}, []string{"limit a cpu 45 %", "slow a"}, false},
		{"no rights and no weaker means", heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.Memory, Factor: 0.5}}, map[string]error{"limit": os.ErrPermission}, []string{"limit a memory 100 MiB"}, true},
		{"undo throttle", heal.Attempt{Strategy: heal.Reconfigure, Undo: true, Params: heal.Params{Resource: heal.CPU}}, nil, []string{"lift a"}, false},
		{"isolate", heal.Attempt{Strategy: heal.Isolate}, nil, []string{"freeze a"}, false},
		{"release", heal.Attempt{Task: heal.TaskRelease}, nil, []string{"thaw a", "start a"}, false},
		{"stop", heal.Attempt{Task: heal.TaskStop}, nil, []string{"stop a"}, false},
		{"escalate", heal.Attempt{Strategy: heal.Escalate}, nil, nil, false},
		{"not declared", heal.Attempt{Strategy: heal.Rollback}, nil, nil, true},
		{"no undo", heal.Attempt{Strategy: heal.Retry, Undo: true}, nil, nil, true},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			u := &units{t: t, refuse: row.refuse}
			r := &Runner{Units: u, Readings: use, Evidence: filepath.Join(t.TempDir(), "evidence"), Outputs: func(string) []string { return nil }}
			result := carry(t, r, row.attempt)
			if !slices.Equal(u.asked, row.asked) || (result.Error != "") != row.fails {
				t.Errorf("asked %v, error %q: want %v", u.asked, result.Error, row.asked)
			}
		})
	}
}

func TestThrottleNeedsAReading(t *testing.T) {
	u := &units{t: t}
	result := carry(t, &Runner{Units: u, Readings: readings{}}, heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Resource: heal.CPU, Factor: 0.5}})
	if result.Error == "" || len(u.asked) != 0 {
		t.Errorf("throttled blindly: %v %+v", u.asked, result)
	}
}

func TestIsolateKeepsEvidenceForOurEyesOnly(t *testing.T) {
	dir := t.TempDir()
	output := filepath.Join(dir, "stdout.log")
	if err := os.WriteFile(output, []byte(strings.Repeat("x", maxTail)+"password is hunter2\nthe last words\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	agent := config.Agent{Name: "a", Isolate: config.Isolate{By: config.ByKill, Stack: []string{"sh", "-c", "echo main at $0; echo token hunter2", "{pid}"}, Timeout: time.Minute}}
	u := &units{t: t, members: []procfs.Identity{{PID: os.Getpid()}}}
	r := &Runner{
		Units: u, Evidence: filepath.Join(dir, "evidence"), Outputs: func(string) []string { return []string{output} },
		Agent: func(string) (config.Agent, bool) { return agent, true },
	}
	result := carry(t, r, heal.Attempt{Strategy: heal.Isolate})
	if len(result.InForce) != 3 || !slices.Equal(u.asked, []string{"freeze a", "stop a by 9"}) {
		t.Fatalf("reported %+v", result)
	}
	bundle := filepath.Join(r.Evidence, "inc-1.1")
	tail, err := os.ReadFile(filepath.Join(bundle, "stdout.log"))
	if err != nil || len(tail) < maxTail-100 || !strings.HasSuffix(string(tail), "password is [redacted]\nthe last words\n") {
		t.Errorf("kept %d bytes of output, %v", len(tail), err)
	}
	info, err := os.Stat(filepath.Join(bundle, "bundle.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the bundle is %v, %v", info, err)
	}
	text, _ := os.ReadFile(filepath.Join(bundle, "bundle.json"))
	for _, want := range []string{fmt.Sprintf("main at %d", os.Getpid()), "token [redacted]", "core_pattern", "Max open files"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}

func TestCancelReachesTheAct(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer slow.Close()
	reports := make(chan heal.Result, 1)
	r := &Runner{
		Units: &units{t: t}, Reaper: reaper, Log: hclog.NewNullLogger(), Report: func(result heal.Result) { reports <- result },
		Agent:  func(string) (config.Agent, bool) { return config.Agent{}, false },
		Outbox: outbox(t, config.Notify{Name: "hook", URL: slow.URL, Timeout: time.Hour}),
	}
	r.Do(heal.Attempt{ID: "x", Agent: "a", Strategy: heal.Escalate})
	r.Cancel("x")
	if result := <-reports; !slices.ContainsFunc(result.InForce, func(s string) bool { return strings.Contains(s, "will be told as soon as") }) {
		t.Errorf("a cancelled attempt reported %+v", result)
	}
	r.Close()
	r.Do(heal.Attempt{ID: "y", Agent: "a", Strategy: heal.Escalate})
	if len(reports) != 0 {
		t.Error("a closed runner acted")
	}
}

func outbox(t *testing.T, all ...config.Notify) *notify.Outbox {
	return &notify.Outbox{Dir: filepath.Join(t.TempDir(), "outbox"), Reaper: reaper, Log: hclog.NewNullLogger(), Ways: func() []config.Notify { return all }}
}
