package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/testlab"
)

const (
	// figuresFile holds what was measured when somebody last said that it is right.
	figuresFile = "bench/figures.json"
	// checkRuns is how often what is short is measured, in turns with its baseline.
	checkRuns = 15
	// checkAgents are started at once; settledAfter is when their sidecar has given back what only
	// starting needed.
	checkAgents, settledAfter = 100, 4 * time.Second
	// searched is how much text is judged at once.
	searched = 16 << 20
)

// figure is one measured ratio, and by what share it may be exceeded before that is no noise.
type figure struct {
	Ratio float64 `json:"ratio"`
	Noise float64 `json:"noise"`
}

// checks measure ratios: to a baseline in the same run, but for sizes, which do not depend on the
// machine.
var checks = []struct {
	name  string
	noise float64
	run   func(*testlab.Lab) (float64, error)
}{
	{"CPU of run -- true / of true", 0.35, checkCommand},
	{"CPU of starting an agent of 100 / of true", 0.5, checkMany},
	{"memory with 1 agent, MiB", 0.15, func(l *testlab.Lab) (float64, error) { return checkMemory(l, 1) }},
	{"memory with 100 agents, MiB", 0.2, func(l *testlab.Lab) (float64, error) { return checkMemory(l, checkAgents) }},
	{"judging usual output / counting its lines", 0.5, checkSearch},
	{"program file, MiB", 0.03, checkSize},
}

// check compares with the figures that are committed, or writes them.
func check(bin string, update bool) error {
	known := map[string]figure{}
	b, err := os.ReadFile(figuresFile)
	if err == nil {
		err = json.Unmarshal(b, &known)
	}
	if err != nil && !update {
		return fmt.Errorf("cannot read the figures: %w", err)
	}
	dir, err := os.MkdirTemp("", "hc")
	if err != nil {
		return fmt.Errorf("cannot make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	var worse []string
	fmt.Printf("%-56s %9s %9s %9s\n", "MEASURE", "NOW", "KNOWN", "BOUND")
	for n, c := range checks {
		now, err := c.run(&testlab.Lab{Bin: bin, Dir: filepath.Join(dir, fmt.Sprint(n))})
		if err != nil {
			return fmt.Errorf("cannot measure %s: %w", c.name, err)
		}
		was := known[c.name]
		bound := was.Ratio * (1 + was.Noise)
		fmt.Printf("%-56s %9.2f %9.2f %9.2f\n", c.name, now, was.Ratio, bound)
		if now > bound {
			worse = append(worse, c.name)
		}
		known[c.name] = figure{now, c.noise}
	}
	if update {
		b, err := json.MarshalIndent(known, "", "  ")
		if err != nil {
			return fmt.Errorf("cannot write the figures: %w", err)
		}
		return os.WriteFile(figuresFile, append(b, '\n'), 0o644)
	}
	if len(worse) > 0 {
		return fmt.Errorf("worse than noise explains: %s; go run ./bench -check -update takes the new figures", strings.Join(worse, "; "))
	}
	return nil
}

// cpuOf is the CPU time that a command and what it waits for take.
func cpuOf(argv ...string) (time.Duration, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", argv[0], err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// checkCommand wraps a command that does nothing.
func checkCommand(l *testlab.Lab) (float64, error) {
	var ours, base []time.Duration
	for range checkRuns {
		none, err := emptyProgram()
		if err != nil {
			return 0, err
		}
		used, err := cpuOf(l.Bin, "run", "--state-dir", l.State(), "--", "true")
		if err != nil {
			return 0, err
		}
		base, ours = append(base, none), append(ours, used)
	}
	return float64(quantile(ours, 0.5)) / float64(quantile(base, 0.5)), nil
}

// emptyProgram is what the least program of the host costs.
func emptyProgram() (time.Duration, error) { return cpuOf("true") }

// checkMany starts many agents, and takes the sidecar's own time until all of them run.
func checkMany(l *testlab.Lab) (float64, error) {
	var base []time.Duration
	for range checkRuns {
		none, err := emptyProgram()
		if err != nil {
			return 0, err
		}
		base = append(base, none)
	}
	if _, err := begin(l, checkAgents); err != nil {
		return 0, err
	}
	defer stop(l)
	used := testlab.CPUTime(l.Cmd.Process.Pid)
	return float64(used) / checkAgents / float64(quantile(base, 0.5)), nil
}

// checkMemory is the resident memory of a sidecar that has settled.
func checkMemory(l *testlab.Lab, agents int) (float64, error) {
	if _, err := begin(l, agents); err != nil {
		return 0, err
	}
	defer stop(l)
	time.Sleep(settledAfter)
	return float64(testlab.Resident(l.Cmd.Process.Pid)) / 1024, nil
}

// checkSearch judges output that tells of nothing.
func checkSearch(*testlab.Lab) (float64, error) {
	c, err := classify.New(nil)
	if err != nil {
		return 0, err
	}
	text := bytes.Repeat([]byte("2026-11-24 12:00:00 worker 7 handled a batch of items in the usual way, and the next one follows when it is ready\n"), searched/115)
	if err := blocks(c, text, 0); err != nil { // the rules are ready from now on
		return 0, err
	}
	var ours, base []time.Duration
	for range checkRuns {
		begun := time.Now()
		if err := blocks(c, text, 0); err != nil {
			return 0, err
		}
		ours, begun = append(ours, time.Since(begun)), time.Now()
		if bytes.Count(text, []byte("in the")) == 0 {
			return 0, errors.New("the text is another one")
		}
		base = append(base, time.Since(begun))
	}
	return float64(slices.Min(ours)) / float64(slices.Min(base)), nil
}

func checkSize(l *testlab.Lab) (float64, error) {
	info, err := os.Stat(l.Bin)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()) / (1 << 20), nil
}
