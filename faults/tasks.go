package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// sharedTasks is a cgroup that holds the sidecar, its agents and a limit on the tasks of all
// of them, as a service manager makes one.
func sharedTasks(l *testlab.Lab, most int) (remove func(), err error) {
	dir := filepath.Join("/sys/fs/cgroup/pids", "hf-"+filepath.Base(l.Dir))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, skipped{"no right to limit tasks here: " + err.Error()}
	}
	if err := os.WriteFile(filepath.Join(dir, "pids.max"), fmt.Append(nil, most), 0); err != nil {
		return nil, skipped{"tasks cannot be limited here: " + err.Error()}
	}
	l.Wrap = []string{"sh", "-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, dir}
	return func() {
		tidy(l)
		_ = testlab.Wait("the cgroup is empty", func() bool { return os.Remove(dir) == nil })
	}, nil
}

// sharedBomb: an agent forks until no task is left under a limit that holds the sidecar too.
func sharedBomb(l *testlab.Lab) (string, error) {
	most := 60 + random.IntN(400)
	agents := 1 + random.IntN(3)
	remove, err := sharedTasks(l, most)
	if err != nil {
		return "", err
	}
	defer func() { l.Kill(); sweep(l.Dir); remove() }()
	var policy strings.Builder
	for i := range agents {
		fmt.Fprintf(&policy, "agent \"bomb%d\" {\n  command = [\"sh\", \"-c\", \"sleep 0.3; b() { b | b & b; }; b\"]\n%s}\n", i, shortGrace)
	}
	fmt.Fprintf(&policy, "agent \"good\" {\n  command = [\"sleep\", \"300\"]\n%s}\n", shortGrace)
	if err := l.Start(policy.String()); err != nil {
		return "", err
	}
	time.Sleep(5 * time.Second)
	if testlab.StateOf(l.PID()) == 0 || strings.Contains(l.Log(), "fatal error") {
		return "", fmt.Errorf("the sidecar is dead with %d tasks for %d bombs", most, agents)
	}
	begun := time.Now()
	if _, err := l.Verb("stop", "bomb0"); err != nil {
		return "", err
	}
	if left := testlab.Carrying("HEALER_AGENT=bomb0"); len(left) > 0 {
		return "", fmt.Errorf("%d processes of the bomb are left", len(left))
	}
	took := time.Since(begun)
	if _, err := l.Verb("restart", "good"); err != nil {
		return "", fmt.Errorf("with %d tasks: %w", most, err)
	}
	if n := l.Count(heal.EventSidecarStarted); n != 1 {
		return "", fmt.Errorf("the sidecar was started %d times", n)
	}
	return fmt.Sprintf("%d tasks, %d bombs: one ended in %s, the good agent restarted", most, agents, took.Round(time.Millisecond)), nil
}
