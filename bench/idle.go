package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// idleFor is how long an idle sidecar is watched.
const idleFor = 30 * time.Second

// idle measures what a sidecar costs that has nothing to do but to sample one
// sleeping agent once a second.
func idle(l *lab) error {
	if err := l.start("agent \"a\" {\n  command = [\"sleep\", \"3600\"]\n}\n"); err != nil {
		return err
	}
	defer l.stop()
	time.Sleep(3 * time.Second)
	pid := l.cmd.Process.Pid
	before, err := cpuTime(pid)
	if err != nil {
		return err
	}
	time.Sleep(idleFor)
	after, err := cpuTime(pid)
	if err != nil {
		return err
	}
	rss, err := resident(pid)
	if err != nil {
		return err
	}
	row("idle with one agent: resident memory", fmt.Sprintf("%.1f MiB", float64(rss)/1024), "-", "", "wanted 18 MiB at most")
	row("idle with one agent: CPU a minute", fmt.Sprintf("%.3f s", (after-before).Seconds()*float64(time.Minute/idleFor)), "-", "", "wanted 0.15 s at most")
	return nil
}

// cpuTime sums what the scheduler counted for all threads, in nanoseconds.
func cpuTime(pid int) (time.Duration, error) {
	paths, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0, err
	}
	total := time.Duration(0)
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // a thread that ended
		}
		var ran int64
		if _, err := fmt.Sscan(string(b), &ran); err != nil {
			return 0, err
		}
		total += time.Duration(ran)
	}
	return total, nil
}

// resident is VmRSS in KiB.
func resident(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.Atoi(strings.Fields(value)[0])
		}
	}
	return 0, fmt.Errorf("no VmRSS for process %d", pid)
}
