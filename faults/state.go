package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// fullDisk: the state's disk is full for a while.
func fullDisk(l *testlab.Lab) (string, error) {
	if err := os.MkdirAll(l.State(), 0o700); err != nil {
		return "", err
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", l.State()).CombinedOutput(); err != nil {
		return "", skipped{"no right to mount: " + strings.TrimSpace(string(out))}
	}
	defer func() { _ = exec.Command("umount", "-l", l.State()).Run() }()
	if err := l.Start(policy(l, "exit:1:100", lively)); err != nil {
		return "", err
	}
	filler := filepath.Join(l.State(), "filler")
	_ = exec.Command("sh", "-c", "cat /dev/zero > "+filler).Run()
	begun := time.Now()
	if err := testlab.Wait("the journal is called degraded", func() bool { s, err := l.Status(); return err == nil && s.Journal != "" }); err != nil {
		return "", err
	}
	noticed := time.Since(begun)
	before, _ := starts(l)
	time.Sleep(3 * time.Second)
	during, err := starts(l)
	if err != nil || during <= before {
		return "", fmt.Errorf("supervision stood still: %d starts, then %d: %w", before, during, err)
	}
	if err := os.Remove(filler); err != nil {
		return "", err
	}
	if err := testlab.Wait("the journal takes events again", func() bool { s, err := l.Status(); return err == nil && s.Journal == "" }); err != nil {
		return "", err
	}
	if err := l.Stop(); err != nil {
		return "", err
	}
	if lost := unrecorded(l); lost > 0 {
		return "", fmt.Errorf("%d starts have no intent in the journal", lost)
	}
	return fmt.Sprintf("noticed after %s, %d starts meanwhile, all of them recorded afterwards", noticed.Round(time.Millisecond), during-before), nil
}

// failingSync: the disk fails at the n-th sync.
func failingSync(l *testlab.Lab) (string, error) {
	if _, err := exec.LookPath("strace"); err != nil {
		return "", skipped{"strace is not installed"}
	}
	const syncs = 8
	p := policy(l, "exit:1:50", lively)
	for n := 1; n <= syncs; n++ {
		l.Wrap = []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", fmt.Sprintf("inject=fdatasync:error=EIO:when=%d", n)}
		if err := l.Start(p); err != nil {
			return "", fmt.Errorf("with a failing sync %d: %w", n, err)
		}
		time.Sleep(500 * time.Millisecond)
		l.Kill()
		l.Wrap = nil
	}
	n, err := starts(l)
	if err != nil {
		return "", err
	}
	if lost := unrecorded(l); lost > 0 {
		return "", fmt.Errorf("%d of %d starts have no intent in the journal", lost, n)
	}
	return fmt.Sprintf("%d failing syncs, %d starts, each with its intent", syncs, n), nil
}

// twoSidecars: others try to use the same state.
func twoSidecars(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "sleep", "")); err != nil {
		return "", err
	}
	const tries = 20
	slowest := time.Duration(0)
	var mu sync.Mutex
	var all sync.WaitGroup
	var failed error
	for i := range tries {
		all.Go(func() {
			begun := time.Now()
			out, err := exec.Command(l.Bin, "run", "--config", l.Path("policy.hcl"), "--state-dir", l.State()).CombinedOutput()
			mu.Lock()
			defer mu.Unlock()
			slowest = max(slowest, time.Since(begun))
			if err == nil || !strings.Contains(string(out), "state_locked") {
				failed = errors.Join(failed, fmt.Errorf("another one answered %v: %s", err, out))
			}
		})
		if i%2 == 0 {
			all.Wait()
		}
	}
	all.Wait()
	if failed != nil || slowest > time.Second {
		return "", fmt.Errorf("slowest %s: %w", slowest, failed)
	}
	if _, err := starts(l); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d tries, all refused with state_locked, the slowest after %s", tries, slowest.Round(time.Millisecond)), nil
}

// outOfMemory: the agent takes all it can get.
func outOfMemory(l *testlab.Lab) (string, error) {
	if err := l.Start(shell(l, "sleep 1; head -c 1G /dev/zero | tail", "  limits {\n    memory = \"48MiB\"\n  }\n")); err != nil {
		return "", err
	}
	a, err := l.Agent()
	if err != nil {
		return "", err
	}
	if len(a.Process.InForce) == 0 {
		return "", skipped{"no right to limit memory here"}
	}
	var d *heal.Diagnosis
	err = testlab.Wait("the failure is diagnosed", func() bool {
		events, _ := l.Recorded()
		for _, e := range events {
			if e.Kind == heal.EventDiagnosed {
				d = e.Diag
			}
		}
		return d != nil
	})
	if err != nil {
		return "", err
	}
	if d.Type != heal.ResourceExhaustion {
		return "", fmt.Errorf("it is called %s: %v", d.Type, d.Evidence)
	}
	_, err = l.Status()
	return "the agent died, the sidecar lives, " + d.Evidence[0], err
}

// manyCommands: eight people at once.
func manyCommands(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "sleep", shortGrace)); err != nil {
		return "", err
	}
	const clients, each = 8, 40
	verbs := []string{"restart", "stop", "start"}
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for i := range each {
				_, _ = l.Verb(verbs[(c+i)%len(verbs)], "a")
			}
		})
	}
	all.Wait()
	n, err := starts(l)
	if err != nil {
		return "", err
	}
	for verb, want := range map[string]bool{"stop": false, "start": true} {
		if _, err := l.Verb(verb, "a"); err != nil {
			return "", err
		}
		if a, err := l.Agent(); err != nil || a.Running != want {
			return "", fmt.Errorf("after %s it is running %v: %v", verb, a.Running, err)
		}
	}
	return fmt.Sprintf("%d commands, %d starts, 0 copies", clients*each, n), nil
}

// leaks: nothing grows over many lives of an agent.
func leaks(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "exit:1:0", strings.Replace(storm, "attempts = 1000", "attempts = 100000", 1))); err == nil {
		return "", errors.New("a budget of 100000 was accepted")
	}
	if err := l.Start(policy(l, "sleep", "")); err != nil {
		return "", err
	}
	pid := l.PID()
	cycle := func(n int) error {
		for range n {
			if _, err := l.Verb("restart", "a"); err != nil {
				return err
			}
		}
		return nil
	}
	if err := cycle(100); err != nil {
		return "", err
	}
	fds, rss := testlab.Descriptors(pid), testlab.Resident(pid)
	const cycles = 1500
	if err := cycle(cycles); err != nil {
		return "", err
	}
	grown, opened := testlab.Resident(pid)-rss, testlab.Descriptors(pid)-fds
	before := testlab.CPUTime(pid)
	time.Sleep(30 * time.Second)
	load := (testlab.CPUTime(pid) - before).Seconds() / 30
	figure := fmt.Sprintf("%d restarts: %+d KiB, %+d descriptors; idle %.2f %% of a core", cycles, grown, opened, 100*load)
	if grown > 8<<10 || opened > 5 || load > 0.005 {
		return "", errors.New(figure)
	}
	return figure, nil
}
