package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// curveAgents are the numbers of agents that the curve is drawn for.
var curveAgents = []int{1, 10, 100, 500, 1000, 2000}

const (
	// upWithin is how long all agents may take to run, idleOver how long an idle sidecar is watched.
	upWithin, idleOver = 2 * time.Minute, 15 * time.Second
	// crashes of one agent are healed, one after the other.
	crashes = 5
)

// curve prints what more agents cost.
func curve(l *testlab.Lab) error {
	fmt.Printf("%-8s %12s %14s %10s %14s %14s %10s\n", "AGENTS", "ALL UP", "CPU PER AGENT", "MEMORY", "IDLE A MINUTE", "CRASH HEALED", "STATUS")
	for _, n := range curveAgents {
		if err := point(&testlab.Lab{Bin: l.Bin, Dir: l.Path(fmt.Sprint(n))}, n); err != nil {
			return fmt.Errorf("%d agents: %w", n, err)
		}
	}
	return nil
}

// point measures one number of agents.
func point(l *testlab.Lab, n int) error {
	took, err := begin(l, n)
	if err != nil {
		return err
	}
	defer stop(l)
	pid := l.Cmd.Process.Pid
	started := testlab.CPUTime(pid)
	time.Sleep(settledAfter)
	before := testlab.CPUTime(pid)
	time.Sleep(idleOver)
	idle, memory := testlab.CPUTime(pid)-before, testlab.Resident(pid)
	var healed []time.Duration
	for range crashes {
		d, err := crash(l)
		if err != nil {
			return err
		}
		healed = append(healed, d)
	}
	begun := time.Now()
	if _, err := l.Status(); err != nil {
		return err
	}
	fmt.Printf("%-8d %12s %14s %10s %14s %14s %10s\n", n, ms(took), ms(started/time.Duration(n)), fmt.Sprintf("%.1f MiB", float64(memory)/1024),
		ms(idle*time.Duration(time.Minute/idleOver)), ms(quantile(healed, 0.5)), ms(time.Since(begun)))
	return nil
}

// marks is the folder in which every agent says that it runs.
func marks(l *testlab.Lab) string { return l.Path("marks") }

// begin starts agents that note that they run and sleep, and returns how long it took until all did.
func begin(l *testlab.Lab, n int) (time.Duration, error) {
	if err := os.MkdirAll(marks(l), 0o700); err != nil {
		return 0, err
	}
	var policy strings.Builder
	policy.WriteString("host {\n  restarts = 100000\n  window = \"1m\"\n}\n")
	for i := range n {
		fmt.Fprintf(&policy, "agent \"a%d\" {\n  command = [\"/bin/sh\", \"-c\", \"echo $$ > %s/a%d; exec sleep 3600\"]\n}\n", i, marks(l), i)
	}
	begun := time.Now()
	if err := l.Begin(policy.String()); err != nil {
		return 0, err
	}
	for time.Since(begun) < upWithin {
		if entries, err := os.ReadDir(marks(l)); err == nil && len(entries) == n {
			return time.Since(begun), nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop(l)
	return 0, fmt.Errorf("not all agents run after %s: %s", upWithin, l.Log())
}

// crash ends the first agent, and returns how long it took until another one ran in its place.
func crash(l *testlab.Lab) (time.Duration, error) {
	path := filepath.Join(marks(l), "a0")
	last, err := markOf(path)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := syscall.Kill(last, syscall.SIGKILL); err != nil {
		return 0, fmt.Errorf("cannot end the agent: %w", err)
	}
	for time.Since(begun) < testlab.Patience {
		if pid, err := markOf(path); err == nil && pid != last {
			return time.Since(begun), nil
		}
		time.Sleep(time.Millisecond)
	}
	return 0, fmt.Errorf("the agent was not started again: %s", l.Log())
}

func markOf(path string) (int, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(b)))
}
