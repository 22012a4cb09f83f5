package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

const (
	// writerLines are written by the agent as fast as it can, writerRuns times.
	writerLines, writerRuns = 4_000_000, 5
	// manyAgents run at once for scaleFor.
	manyAgents, scaleFor = 500, 20 * time.Second
)

// writer compares an agent that writes as fast as it can with the same program writing
// into a plain file, one after the other.
func writer(l *testlab.Lab) error {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	write := fmt.Sprintf("%s %s %d", self, pourMode, writerLines)
	var ours, alone []time.Duration
	for n := range writerRuns {
		begun := time.Now()
		if err := exec.Command("sh", "-c", write+" > "+l.Path("alone")).Run(); err != nil {
			return err
		}
		alone = append(alone, time.Since(begun))
		_ = os.Remove(l.Path("alone"))
		took, err := supervised(&testlab.Lab{Bin: l.Bin, Dir: l.Path(fmt.Sprint(n))}, write)
		if err != nil {
			return err
		}
		ours = append(ours, took)
	}
	slices.Sort(ours)
	slices.Sort(alone)
	a, b := ours[writerRuns/2], alone[writerRuns/2]
	size := float64(writerLines * 120)
	row("agent writing as fast as it can", fmt.Sprintf("%.0f MB/s", size/a.Seconds()/1e6), fmt.Sprintf("%.0f MB/s", size/b.Seconds()/1e6),
		fmt.Sprintf("%.2f", b.Seconds()/a.Seconds()), "median of 5; baseline: into a plain file; wanted 0.95")
	return nil
}

// supervised is how long the writing takes in an agent, by its own clock.
func supervised(l *testlab.Lab, write string) (time.Duration, error) {
	script := fmt.Sprintf("date +%%s%%N > %s; %s; date +%%s%%N > %s.new; mv %s.new %s; sleep 1000", l.Path("from"), write, l.Path("to"), l.Path("to"), l.Path("to"))
	if err := l.Start(fmt.Sprintf("agent \"a\" {\n  command = [\"sh\", \"-c\", %q]\n}\n", script)); err != nil {
		return 0, err
	}
	defer stop(l)
	for begun := time.Now(); time.Since(begun) < 2*time.Minute; time.Sleep(20 * time.Millisecond) {
		to, err := os.ReadFile(l.Path("to"))
		if err != nil {
			continue
		}
		from, err := os.ReadFile(filepath.Join(l.Dir, "from"))
		if err != nil {
			return 0, err
		}
		var a, b int64
		_, _ = fmt.Sscan(string(from), &a)
		_, _ = fmt.Sscan(string(to), &b)
		return time.Duration(b - a), nil
	}
	return 0, fmt.Errorf("the agent did not write to its end")
}

// up counts the agents that run.
func up(agents []heal.AgentStatus) int {
	n := 0
	for _, a := range agents {
		if a.Running {
			n++
		}
	}
	return n
}

// scale measures what many sleeping agents cost, sampled once a second.
func scale(l *testlab.Lab) error {
	var policy strings.Builder
	for n := range manyAgents {
		fmt.Fprintf(&policy, "agent \"a%d\" {\n  command = [\"sleep\", \"3600\"]\n  detect \"memory\" {\n    above = \"1GiB\"\n  }\n}\n", n)
	}
	if err := l.Start(policy.String()); err != nil {
		return err
	}
	defer stop(l)
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(200 * time.Millisecond) {
		if s, err := l.Status(); err == nil && up(s.Agents) == manyAgents {
			break
		}
	}
	time.Sleep(5 * time.Second)
	pid := l.Cmd.Process.Pid
	before := testlab.CPUTime(pid)
	time.Sleep(scaleFor)
	used := testlab.CPUTime(pid) - before
	row("500 agents at a second: CPU", fmt.Sprintf("%.2f %% of a core", 100*used.Seconds()/scaleFor.Seconds()), "-", "", "wanted 5 % at most")
	row("500 agents: resident memory", fmt.Sprintf("%.1f MiB", float64(testlab.Resident(pid))/1024), "-", "", "")
	return nil
}
