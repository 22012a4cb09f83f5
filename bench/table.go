package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"healer-sidecar/testlab"
)

// quantile sorts the samples and returns one of them.
func quantile(samples []time.Duration, q float64) time.Duration {
	slices.Sort(samples)
	return samples[min(int(q*float64(len(samples))), len(samples)-1)]
}

func row(name, ours, base, ratio, note string) {
	fmt.Printf("%-52s %14s %14s %9s  %s\n", name, ours, base, ratio, note)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }

func stop(l *testlab.Lab) { _ = l.Stop() }

// buildTick compiles the smallest agent.
func buildTick(l *testlab.Lab) (string, error) {
	path := l.Path("tick")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "./bench/tick")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the agent: %w: %s", err, out)
	}
	return path, nil
}
