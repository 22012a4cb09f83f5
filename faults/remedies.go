package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/testlab"
)

// cure is an agent that only one remedy can heal, and what stands in its folder when it is
// healed.
type cure struct {
	name, script, blocks, strategy string
	// healed is a shell test of its folder.
	healed string
}

// cures are one for each strategy that changes something.
var cures = []cure{
	{
		"rollback", "while grep -q good work; do sleep 0.02; done; echo 'FATAL: state file is corrupt'; exit 65",
		"  snapshot \"state\" {\n    paths = [\"work\"]\n    after = \"100ms\"\n    every = \"100ms\"\n  }\n",
		"rollback", "grep -q good work && test -e broken",
	},
	{
		"degrade_gracefully", "echo $HEALER_MODE >mode; if test $HEALER_MODE = normal; then sleep 0.2; echo 'out of memory: cannot allocate'; exit 1; fi; while :; do sleep 0.1; done",
		"  degrade \"basic\" {\n    env = { FEATURES = \"core\" }\n  }\n", "degrade_gracefully", "grep -q basic mode",
	},
	{
		"alternative_path", "echo $WAY >way; if test $WAY = first; then sleep 0.2; echo 'FATAL: endpoint unreachable'; exit 69; fi; while :; do sleep 0.1; done",
		"  env = { WAY = \"first\" }\n  alternative \"second\" {\n    env = { WAY = \"second\" }\n  }\n", "alternative_path", "grep -q second way",
	},
	{
		"compensate", "if test -e one -o -e two; then echo 'FATAL: half-written files'; sleep 0.1; exit 70; fi; echo x >done; while :; do sleep 0.1; done",
		"  compensate \"first\" {\n    command = [\"sh\", \"-c\", \"sleep 0.05; rm -f one; echo 1 >>steps\"]\n  }\n  compensate \"second\" {\n    aside = \"two\"\n    to = \"bad\"\n  }\n",
		"compensate", "test -e done -a ! -e one -a ! -e two -a -s bad/two",
	},
	{
		"reconfigure", "echo $WORKERS >workers; if test $WORKERS -gt 3; then sleep 0.2; echo 'rate limited: too many workers'; exit 1; fi; while :; do sleep 0.1; done",
		"  env = { WORKERS = \"8\" }\n  tunable \"WORKERS\" {\n    min = 1\n  }\n", "reconfigure", "test $(cat workers) -le 3",
	},
	{
		"restart", "if ! test -e wedged; then touch wedged; echo $$ >stuck; fi; while :; do if test -e stuck && test $(cat stuck) = $$; then sleep 0.1; else echo x >done; sleep 0.1; fi; done",
		"  detect \"heartbeat\" {\n    missing_for = \"2s\"\n    file = \"done\"\n  }\n", "restart", "test -e done",
	},
}

// policy is told which remedy it is: what is tested is that it is carried out.
func (c cure) policy(l *testlab.Lab) string {
	on := ""
	for _, t := range []string{"execution_failure", "resource_exhaustion", "goal_conflict", "communication_error", "performance_degradation", "dependency_failure", "configuration_error", "learning_failure", "safety_violation", "unknown"} {
		on += fmt.Sprintf("    on %q {\n      strategies = [%q, \"escalate\"]\n    }\n", t, c.strategy)
	}
	return fmt.Sprintf("host {\n  restarts = 1000\n}\nagent \"a\" {\n  command = [\"sh\", \"agent.sh\"]\n  dir = %q\n%s  heal {\n    verify_for = \"300ms\"\n    risk_limit = 1\n    budget {\n      attempts = 500\n    }\n    backoff {\n      base = \"0s\"\n    }\n    strategy %q {\n      tries = 50\n    }\n%s  }\n}\n",
		l.Dir, c.blocks, c.strategy, on)
}

// lay puts the agent and its work into the folder.
func (c cure) lay(l *testlab.Lab) error {
	for _, name := range []string{"mode", "way", "workers", "done", "steps", "wedged", "stuck", "broken", "bad", ".healer-bad-work"} {
		_ = os.RemoveAll(l.Path(name))
	}
	_ = os.RemoveAll(l.State())
	script := "trap 'exit 0' TERM\necho start $$ 0 >>ledger\n" + c.script + "\n"
	for name, text := range map[string]string{"agent.sh": script, "work": "good\n", "one": "half\n", "two": "half\n"} {
		if err := os.WriteFile(l.Path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// isHealed asks the folder, not the sidecar.
func (c cure) isHealed(l *testlab.Lab) bool {
	cmd := exec.Command("sh", "-c", c.healed)
	cmd.Dir = l.Dir
	return cmd.Run() == nil
}

// breakState spoils the state of a rollback once a generation was kept.
func (c cure) breakState(l *testlab.Lab) {
	if c.name != "rollback" || exists(l.Path("broken")) {
		return
	}
	if kept, _ := filepath.Glob(filepath.Join(l.State(), "snapshots", "a", "state", "gen-*")); len(kept) > 0 {
		_ = os.WriteFile(l.Path("work"), []byte("garbage\n"), 0o600)
		_ = os.WriteFile(l.Path("broken"), nil, 0o600)
	}
}

// killInRemedies kills the sidecar after each record that it writes while each remedy is
// carried out. The next sidecar must end what was begun: the agent is healed, there is one
// copy of it, and nothing is left half done.
func killInRemedies(l *testlab.Lab) (string, error) {
	step := 1
	if quick {
		step = 5
	}
	rounds := 0
	for _, c := range cures {
		for n := 1; ; n += step {
			over, err := killOnce(l, c, n)
			if err != nil {
				return "", fmt.Errorf("%s, killed after record %d: %w", c.name, n, err)
			}
			if rounds++; over {
				break
			}
		}
	}
	return fmt.Sprintf("%d kills in %d remedies: healed each time, one copy, nothing left", rounds, len(cures)), nil
}

// undisturbed is how long a remedy needs at most when nobody kills anybody.
const undisturbed = 3 * time.Second

// killOnce kills after the n-th record; over says that it was healed before.
func killOnce(l *testlab.Lab, c cure, n int) (over bool, err error) {
	if err := c.lay(l); err != nil {
		return false, err
	}
	p := c.policy(l)
	if err := l.Begin(p); err != nil {
		return false, err
	}
	journal := filepath.Join(l.State(), "journal", "journal-*.jsonl")
	for begun := time.Now(); records(journal) < n && !over; time.Sleep(200 * time.Microsecond) {
		c.breakState(l)
		over = time.Since(begun) > undisturbed
	}
	l.Kill()
	if err := l.Start(p); err != nil {
		return over, err
	}
	defer func() { _ = l.Stop() }()
	if err := testlab.Wait("it is healed", func() bool { c.breakState(l); return c.isHealed(l) }); err != nil {
		events, _ := l.Verb("events", "--agent", "a")
		return over, fmt.Errorf("%w: %s", err, last(events, 12))
	}
	for _, name := range []string{".healer-stage-work", "restoring.json"} {
		if exists(l.Path(name)) {
			return over, fmt.Errorf("%s is left", name)
		}
	}
	return over, oneCopy(l)
}

// records counts the lines of a journal.
func records(pattern string) (n int) {
	paths, _ := filepath.Glob(pattern)
	for _, path := range paths {
		b, _ := os.ReadFile(path)
		n += bytes.Count(b, []byte("\n"))
	}
	return n
}

// oneCopy counts the runs that live in the folder. A run is told by its id, not by its
// processes: a shell that has forked and not yet become the command that it runs looks like a
// second copy of the agent.
func oneCopy(l *testlab.Lab) error {
	runs := map[string][]int{}
	for _, pid := range testlab.Carrying("HEALER_RUN_DIR=" + l.Dir) {
		env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if _, id, ok := strings.Cut(string(env), "HEALER_RUN_ID="); ok {
			id, _, _ = strings.Cut(id, "\x00")
			runs[id] = append(runs[id], pid)
		}
	}
	if len(runs) > 1 {
		return fmt.Errorf("%d copies run: %v", len(runs), runs)
	}
	return nil
}

func last(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(len(all)-lines, 0):], " | ")
}
