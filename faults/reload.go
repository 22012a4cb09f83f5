package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

const (
	reloads   = 1000
	tornEvery = 10
)

// edition is one of two policies that differ in what is healed, not in what is run.
func edition(name string) string {
	return fmt.Sprintf("agent %q {\n  command = [\"sleep\", \"1000\"]\n  heal {\n    verify_for = \"%s\"\n  }\n}\n", "a",
		map[string]string{"A": "7s", "B": "8s"}[name]) + strings.Repeat("# filler\n", 2000)
}

// reloadRaces: policies are swapped, torn and asked for in bursts; what is in force is
// one of the two, and no agent is touched.
func reloadRaces(l *testlab.Lab) (string, error) {
	if err := l.Start(edition("A")); err != nil {
		return "", err
	}
	before, err := l.Agent()
	if err != nil {
		return "", err
	}
	begun := time.Now()
	for i := range reloads {
		if err := push(l, i); err != nil {
			return "", err
		}
		_ = syscall.Kill(l.PID(), syscall.SIGHUP)
	}
	took := time.Since(begun)
	if _, err := l.Verb("reload"); err != nil {
		return "", err
	}
	after, err := l.Agent()
	switch {
	case err != nil:
		return "", err
	case after.Process.PID != before.Process.PID || after.Runs != 1:
		return "", fmt.Errorf("the agent was started again: pid %d, then %d", before.Process.PID, after.Process.PID)
	}
	events, err := l.Recorded()
	if err != nil {
		return "", err
	}
	changes := 0
	for _, e := range events {
		if e.Kind == heal.EventPolicy {
			changes++
		}
		if e.Kind == heal.EventPolicy && e.Note != "change a (heal)" {
			return "", fmt.Errorf("neither of the two policies was in force: %s", e.Note)
		}
	}
	_ = syscall.Kill(l.PID(), syscall.SIGHUP) // a reload that meets the end
	if err := l.Stop(); err != nil {
		return "", err
	}
	if testlab.StateOf(before.Process.PID) != 0 {
		return "", fmt.Errorf("the agent outlived the end")
	}
	return fmt.Sprintf("%d signals in %s, %d changes in force, agent untouched", reloads, took.Round(time.Millisecond), changes), nil
}

// push writes the next policy: most by rename, some torn in place.
func push(l *testlab.Lab, i int) error {
	text, path := edition([]string{"A", "B"}[i%2]), l.Path("policy.hcl")
	if i%tornEvery == 0 {
		_ = os.WriteFile(path, []byte(text[:40]), 0o600)
		_ = syscall.Kill(l.PID(), syscall.SIGHUP)
		time.Sleep(time.Millisecond)
	}
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		return err
	}
	time.Sleep(2 * time.Millisecond)
	return os.Rename(path+".new", path)
}
