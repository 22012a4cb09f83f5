package actions

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/snapshot"
)

// stageFor builds a runner over an agent that declares something of everything, with one
// good generation kept and the state broken since.
func stageFor(t *testing.T, u *units) (*Runner, config.Agent) {
	t.Helper()
	agent := declared(t.TempDir())
	agent.Compensates = []config.Compensate{{Name: "command", Command: []string{"true"}, Timeout: time.Minute}}
	write(t, filepath.Join(agent.Dir, "state", "file"), "good")
	r := &Runner{
		Units: u, Readings: readings{"a": {CPU: value(90)}}, Store: snapshot.Store{Dir: t.TempDir()}, Deaths: &Deaths{},
		Agent:    func(string) (config.Agent, bool) { return agent, true },
		Evidence: filepath.Join(t.TempDir(), "evidence"), Outputs: func(string) []string { return nil },
	}
	if _, _, err := r.Store.Take("a", agent.Snapshots[0], time.Now()); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(agent.Dir, "state", "file"), "bad")
	return r, agent
}

// asks is what an attempt with a strategy would be told to do on that agent.
func asks(s heal.Strategy) heal.Attempt {
	a := heal.Attempt{Strategy: s, Params: heal.Params{Steps: 1, Factor: 0.7}, Type: heal.Unknown}
	if s == heal.AlternativePath {
		a.Params.Name = "small"
	}
	return a
}

// TestEveryStrategyRefusesWhatItCannotDo: with a host that refuses everything, none of them
// says that it was done, but the one that only speaks.
func TestEveryStrategyRefusesWhatItCannotDo(t *testing.T) {
	for _, k := range kinds {
		no := errors.New("refused")
		u := &units{t: t, state: "running", refuse: map[string]error{"start": no, "stop": no, "freeze": no, "limit": no, "slow": no, "dress": no, "signal": no}}
		r, _ := stageFor(t, u)
		if result := carry(t, r, asks(k.strategy)); (result.Error == "") != (k.strategy == heal.Escalate) {
			t.Errorf("%s reports %+v", k.strategy, result)
		}
	}
}

// TestEveryStrategyHonoursCancellation: called off while a hook hangs, it ends soon and
// starts nothing.
func TestEveryStrategyHonoursCancellation(t *testing.T) {
	for _, k := range kinds {
		if slices.Contains([]heal.Strategy{heal.Escalate, heal.Isolate}, k.strategy) {
			continue // they hold nothing up
		}
		t.Run(string(k.strategy), func(t *testing.T) {
			u := &units{t: t, state: "running"}
			if k.strategy.OnlyRuns() {
				u.state = "down"
			}
			r, agent := stageFor(t, u)
			hang := []string{"sh", "-c", "echo $$ >hook.new; mv hook.new hook; exec sleep 600"}
			agent.Hooks = []config.Hook{{At: "pre_stop", Command: hang, Timeout: time.Hour}, {At: "pre_start", Command: hang, Timeout: time.Hour}}
			agent.Degrades[0].Signal = "" // all of them take a start
			r.Agent = func(string) (config.Agent, bool) { return agent, true }
			r.Reaper, r.Log, r.Note = reaper, hclog.NewNullLogger(), func(string, string) {}
			reports := make(chan heal.Result, 1)
			r.Report = func(result heal.Result) { reports <- result }
			a := asks(k.strategy)
			a.ID, a.Agent = "inc-1.1", "a"
			r.Do(a)
			pid := 0
			for begun := time.Now(); pid == 0; time.Sleep(time.Millisecond) {
				b, _ := os.ReadFile(filepath.Join(agent.Dir, "hook"))
				if pid, _ = strconv.Atoi(strings.TrimSpace(string(b))); time.Since(begun) > time.Minute {
					t.Fatal("no hook was run")
				}
			}
			r.Cancel(a.ID)
			select {
			case <-reports:
			case <-time.After(time.Minute):
				t.Fatal("it does not end")
			}
			if i := slices.Index(u.asked, "start a"); i >= 0 && !errors.Is(u.contexts[i].Err(), context.Canceled) {
				t.Errorf("something was started that was called off: %v", u.asked)
			}
			if procfs.Alive(pid) {
				t.Error("a hook is left")
			}
		})
	}
}

// TestEveryUndoRestoresWhatWas, and leaves nothing behind.
func TestEveryUndoRestoresWhatWas(t *testing.T) {
	for _, k := range kinds {
		if k.undo == nil || k.strategy == heal.Isolate {
			continue // release is an order of a person
		}
		before := config.Overlays{Degrade: 0, Tune: 0, Factor: 0.7}
		u := &units{t: t, state: "running", worn: before}
		r, agent := stageFor(t, u)
		if result := carry(t, r, asks(k.strategy)); result.Error != "" {
			t.Fatalf("%s reports %+v", k.strategy, result)
		}
		if k.strategy == heal.Rollback {
			if b, _ := os.ReadFile(filepath.Join(agent.Dir, "state", "file")); string(b) != "good" {
				t.Errorf("rollback leaves %q", b)
			}
		} else if u.worn == before {
			t.Errorf("%s changes nothing", k.strategy)
		}
		r.closed = false
		undo := heal.Attempt{Strategy: k.strategy, Undo: true, Params: heal.Params{Factor: 0.7}}
		if result := carry(t, r, undo); result.Error != "" || u.worn != before {
			t.Errorf("%s taken back leaves %+v, %+v", k.strategy, u.worn, result)
		}
		if b, _ := os.ReadFile(filepath.Join(agent.Dir, "state", "file")); string(b) != "bad" {
			t.Errorf("%s taken back leaves %q", k.strategy, b)
		}
		entries, _ := os.ReadDir(agent.Dir)
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".healer-stage") {
				t.Errorf("%s leaves %s", k.strategy, e.Name())
			}
		}
	}
}

// TestHooksAfterAStartHoldNothingUp, and are not begun again while they run.
func TestHooksAfterAStartHoldNothingUp(t *testing.T) {
	agent := config.Agent{Name: "a", Dir: t.TempDir(), Remedies: config.Remedies{Hooks: []config.Hook{
		{At: "post_start", Command: []string{"sh", "-c", "echo x >>runs; until test -e go; do sleep 0.01; done"}, Timeout: time.Hour},
	}}}
	notes, reports := make(chan string, 10), make(chan heal.Result, 10)
	r := &Runner{
		Units: &units{t: t, state: "running"}, Reaper: reaper, Log: hclog.NewNullLogger(), Agent: func(string) (config.Agent, bool) { return agent, true },
		Note: func(_, note string) { notes <- note }, Report: func(result heal.Result) { reports <- result },
	}
	defer r.Close()
	for _, id := range []string{"1", "2", "3"} {
		r.Do(heal.Attempt{ID: id, Agent: "a", Strategy: heal.Retry})
		<-reports
	}
	write(t, filepath.Join(agent.Dir, "go"), "")
	if note := <-notes; !strings.Contains(note, "hook_skipped: post_start of a, 2 times") {
		t.Errorf("noted %q", note)
	}
	if b, _ := os.ReadFile(filepath.Join(agent.Dir, "runs")); string(b) != "x\n" {
		t.Errorf("it ran %q", b)
	}
}
