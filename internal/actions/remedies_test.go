package actions

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/snapshot"
)

// declared is an agent that declares something of everything.
func declared(dir string) config.Agent {
	return config.Agent{Name: "a", Dir: dir, Remedies: config.Remedies{
		Degrades: []config.Degrade{
			{Name: "basic", Signal: "SIGUSR1"}, {Name: "least", Overlay: config.Overlay{Env: map[string]string{"FEATURES": "none"}}},
		},
		Alternatives: []config.Alternative{{Name: "small"}},
		Tunables:     []config.Tunable{{Name: "WORKERS", Value: 8, Min: 1}, {Name: "RATE", Value: 100, Min: 10, File: filepath.Join(dir, "rate"), Signal: "SIGHUP"}},
		Snapshots:    []config.Snapshot{{Name: "state", Paths: []string{filepath.Join(dir, "state")}, Keep: 3, MaxSize: 1 << 20, MaxFiles: 100}},
	}}
}

// TestRemedies shows what every strategy that acts on something declared asks of the host.
func TestRemedies(t *testing.T) {
	table := []struct {
		name    string
		worn    config.Overlays
		attempt heal.Attempt
		asked   []string
	}{
		{"one step down, live", config.Overlays{}, heal.Attempt{Strategy: heal.DegradeGracefully, Params: heal.Params{Steps: 1}}, []string{"dress a 1//0", "signal a 10"}},
		{"the next takes a start", config.Overlays{Degrade: 1}, heal.Attempt{Strategy: heal.DegradeGracefully, Params: heal.Params{Steps: 2}}, []string{"dress a 2//0", "stop a", "start a"}},
		{"taken back, it waits for the next start", config.Overlays{Degrade: 2}, heal.Attempt{Strategy: heal.DegradeGracefully, Undo: true, Params: heal.Params{Steps: 1}}, []string{"dress a 1//0"}},
		{"eased, it is restarted", config.Overlays{Degrade: 2}, heal.Attempt{Strategy: heal.DegradeGracefully, Undo: true, Ease: true, Params: heal.Params{Steps: 1}}, []string{"dress a 1//0", "stop a", "start a"}},
		{"another way", config.Overlays{}, heal.Attempt{Strategy: heal.AlternativePath, Params: heal.Params{Steps: 1, Name: "small"}}, []string{"dress a 0/small/0", "stop a", "start a"}},
		{"the way back", config.Overlays{Alternative: "small"}, heal.Attempt{Strategy: heal.AlternativePath, Undo: true, Ease: true, Params: heal.Params{Name: "small"}}, []string{"dress a 0//0", "stop a", "start a"}},
		{"tunables", config.Overlays{}, heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Steps: 1, Factor: 0.7}}, []string{"dress a 0//1", "signal a 1", "stop a", "start a"}},
		{"tunables that a sidecar put on which died over it", config.Overlays{Tune: 1, Factor: 0.7}, heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Steps: 1, Factor: 0.7}}, []string{"dress a 0//1", "signal a 1", "stop a", "start a"}},
		{"rollback", config.Overlays{}, heal.Attempt{Strategy: heal.Rollback}, []string{"stop a", "start a"}},
		{"a rollback taken back", config.Overlays{}, heal.Attempt{Strategy: heal.Rollback, Undo: true}, []string{"stop a"}},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			agent := declared(t.TempDir())
			write(t, filepath.Join(agent.Dir, "state"), "good")
			u := &units{t: t, worn: row.worn, state: "running"}
			r := &Runner{Units: u, Store: snapshot.Store{Dir: t.TempDir()}, Agent: func(string) (config.Agent, bool) { return agent, true }}
			if _, _, err := r.Store.Take("a", agent.Snapshots[0], time.Now()); err != nil {
				t.Fatal(err)
			}
			if result := carry(t, r, row.attempt); result.Error != "" || !slices.Equal(u.asked, row.asked) {
				t.Errorf("asked %v, error %q: want %v", u.asked, result.Error, row.asked)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// compensated carries one compensation out and returns what it said.
func compensated(t *testing.T, r *Runner, c config.Compensate) []string {
	t.Helper()
	c.Name = "it"
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	agent := config.Agent{Name: "a", Remedies: config.Remedies{Compensates: []config.Compensate{c}}}
	u := &units{t: t}
	r.Units, r.Agent = u, func(string) (config.Agent, bool) { return agent, true }
	result := carry(t, r, heal.Attempt{Strategy: heal.Compensate, Type: heal.Unknown, Fingerprint: "v1:x"})
	if want := []string{"stop a", "start a"}; result.Error != "" || !slices.Equal(u.asked, want) {
		t.Fatalf("asked %v, error %q", u.asked, result.Error)
	}
	return result.InForce
}

func TestALockIsRemovedOnlyWhenItsOwnerIsGone(t *testing.T) {
	dead, err := reaper.Start(procs.Command{Argv: []string{"true"}, Env: kernel.InheritedEnv(), Cgroup: -1}) // by the one who waits for all children here
	if err != nil {
		t.Fatal(err)
	}
	<-dead.Exited
	for name, c := range map[string]struct {
		text string
		stay bool
	}{
		"gone": {fmt.Sprint(dead.PID), false}, "alive": {fmt.Sprint(os.Getpid()), true}, "no number": {"node-7", true},
	} {
		lock := filepath.Join(t.TempDir(), "lock")
		write(t, lock, c.text+"\n")
		said := compensated(t, &Runner{}, config.Compensate{Lock: lock})
		if _, err := os.Lstat(lock); (err == nil) != c.stay {
			t.Errorf("%s: %v, %v", name, said, err)
		}
		if len(compensated(t, &Runner{}, config.Compensate{Lock: lock})) == 0 != !c.stay {
			t.Errorf("%s: a second time it says something else", name)
		}
	}
}

func TestACompensationThatHangsHoldsNothingUp(t *testing.T) {
	begun := time.Now()
	said := compensated(t, &Runner{}, config.Compensate{Command: []string{"sleep", "60"}, Timeout: 200 * time.Millisecond})
	if took := time.Since(begun); took > 10*time.Second || len(said) != 1 || !strings.Contains(said[0], "did not end in time") {
		t.Errorf("after %s it says %v", took, said)
	}
}

// TestPoisonIsFoundByWhatWasNamedLast: three deaths of one failure that name the same item.
func TestPoisonIsFoundByWhatWasNamedLast(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		write(t, filepath.Join(dir, "inbox", fmt.Sprintf("item-%d", i)), "x")
	}
	c := config.Compensate{Input: filepath.Join(dir, "inbox"), To: filepath.Join(dir, "bad"), Deaths: 3}
	deaths := &Deaths{}
	die := func(fingerprint string, lines ...string) {
		deaths.Died("a", lines)
		deaths.Diagnosed("a", fingerprint)
	}
	die("v1:x", "processing item-1", "processing item-3", "panic: boom")
	die("v1:y", "processing item-2", "of something else")
	die("v1:x", "processing item-3", "panic: boom")
	if said := compensated(t, &Runner{Deaths: deaths}, c); len(said) != 0 {
		t.Errorf("after two deaths: %v", said)
	}
	die("v1:x", "done item-2, now item-3 (not item-30)", "panic: boom")
	if said := compensated(t, &Runner{Deaths: deaths}, c); len(said) != 1 || !strings.Contains(said[0], "item-3 was named last") {
		t.Errorf("after three: %v", said)
	}
	if left, _ := os.ReadDir(c.Input); len(left) != 4 {
		t.Errorf("%d items are left", len(left))
	}
	if _, err := os.Lstat(filepath.Join(c.To, "item-3")); err != nil {
		t.Error(err)
	}
}

func TestMovingAsideTwiceKeepsBoth(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"one", "two"} {
		write(t, filepath.Join(dir, "cache"), text)
		compensated(t, &Runner{}, config.Compensate{Aside: filepath.Join(dir, "cache"), To: filepath.Join(dir, "bad")})
	}
	if all, _ := os.ReadDir(filepath.Join(dir, "bad")); len(all) != 2 {
		t.Errorf("%d are kept", len(all))
	}
}

// TestATunableIsSetByURL, and what is in force is read back.
func TestATunableIsSetByURL(t *testing.T) {
	for name, c := range map[string]struct {
		answer, want string
		code         int
	}{
		"readable": {"70", "RATE = 70 (was 100)", 200}, "JSON": {`{"value": 70}`, "RATE = 70 (was 100)", 200},
		"it does as it likes": {`{"value": 80}`, "RATE = 70 (was 100), but it says 80", 200}, "words": {"fine", "RATE = 70 (was 100)", 200},
		"refused": {"no", "", 400}, "elsewhere": {"", "", 302},
	} {
		t.Run(name, func(t *testing.T) {
			told := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPut {
					b, _ := io.ReadAll(r.Body)
					told = string(b)
				}
				w.WriteHeader(c.code)
				_, _ = io.WriteString(w, c.answer)
			}))
			defer server.Close()
			agent := config.Agent{Name: "a", Remedies: config.Remedies{Tunables: []config.Tunable{{Name: "RATE", Value: 100, Min: 10, URL: server.URL, Timeout: time.Minute}}}}
			u := &units{t: t, state: "running"}
			r := &Runner{Units: u, Agent: func(string) (config.Agent, bool) { return agent, true }}
			result := carry(t, r, heal.Attempt{Strategy: heal.Reconfigure, Params: heal.Params{Steps: 1, Factor: 0.7}})
			if got := strings.Join(result.InForce, ""); got != c.want || (result.Error != "") != (c.want == "") || told != `{"name":"RATE","value":"70"}` {
				t.Errorf("told %s, said %q, error %q", told, got, result.Error)
			}
			if !slices.Equal(u.asked, []string{"dress a 0//1"}) {
				t.Errorf("asked %v", u.asked)
			}
		})
	}
}
