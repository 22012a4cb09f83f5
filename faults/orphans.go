package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// losses are what may become of what is written down, while an agent lives.
var losses = []struct {
	name string
	lose func(l *testlab.Lab) error
}{
	{"the whole state", func(l *testlab.Lab) error { return os.RemoveAll(l.State()) }},
	{"the journal", func(l *testlab.Lab) error { return os.RemoveAll(filepath.Join(l.State(), "journal")) }},
	{"the journal and the locks", func(l *testlab.Lab) error {
		return errors.Join(os.RemoveAll(filepath.Join(l.State(), "journal")), os.RemoveAll(filepath.Join(l.State(), "agents")))
	}},
	{"the locks", func(l *testlab.Lab) error { return os.RemoveAll(filepath.Join(l.State(), "agents")) }},
}

// lostState kills the sidecar, takes away what it has written down, and starts another: the agent that
// lives is found, and no second one is started.
func lostState(l *testlab.Lab) (string, error) {
	p := policy(l, "sleep", lively)
	for _, loss := range losses {
		if err := l.Start(p); err != nil {
			return "", err
		}
		if err := testlab.Wait("the agent runs", func() bool { return agentPID(l) > 0 }); err != nil {
			return "", err
		}
		before := agentPID(l)
		deleted := random.IntN(2) == 0 // while the sidecar lives, or after its death
		if deleted {
			if err := loss.lose(l); err != nil {
				return "", err
			}
		}
		l.Kill()
		if !deleted {
			if err := loss.lose(l); err != nil {
				return "", err
			}
		}
		if err := l.Start(p); err != nil {
			return "", fmt.Errorf("without %s: %w", loss.name, err)
		}
		if now := agentPID(l); now != before {
			return "", fmt.Errorf("without %s: process %d runs, before it was %d", loss.name, now, before)
		}
		if _, err := killedAndBack(l); err != nil {
			return "", fmt.Errorf("without %s it is not healed: %w", loss.name, err)
		}
		if _, err := starts(l); err != nil {
			return "", fmt.Errorf("without %s: %w", loss.name, err)
		}
		l.Kill()
	}
	return fmt.Sprintf("%d losses: the living agent is found each time, 0 copies", len(losses)), nil
}

// unnamedAgent takes an agent out of the policy while no sidecar lives: it is shown, adopted when it is
// named again, and ended when a person orders that.
func unnamedAgent(l *testlab.Lab) (string, error) {
	self, _ := os.Executable()
	named := func(name string) string {
		return fmt.Sprintf("agent %q {\n  command = [%q, %q, %q, \"sleep\"]\n  dir = %q\n}\n", name, self, agentMode, l.Dir, l.Dir)
	}
	other := "agent \"other\" {\n  command = [\"sleep\", \"300\"]\n}\n"
	if err := l.Start(named("old") + other); err != nil {
		return "", err
	}
	if err := testlab.Wait("the agent runs", func() bool { return runs(l, "old") }); err != nil {
		return "", err
	}
	l.Kill()
	if err := l.Start(other); err != nil {
		return "", err
	}
	orphans, err := orphansOf(l)
	if err != nil || len(orphans) != 1 || orphans[0].Agent != "old" {
		return "", fmt.Errorf("the orphans are %v, %w", orphans, err)
	}
	if out, err := l.Verb("status"); err != nil || !strings.Contains(out, "old") {
		return "", fmt.Errorf("the status does not show it: %s, %w", out, err)
	}
	if err := os.WriteFile(l.Path("policy.hcl"), []byte(named("old")+other), 0o600); err != nil {
		return "", err
	}
	if out, err := l.Verb("reload"); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	if orphans, _ := orphansOf(l); len(orphans) > 0 || !runs(l, "old") {
		return "", fmt.Errorf("it was named again and is not adopted: %v", orphans)
	}
	if n, err := starts(l); err != nil || n != 1 {
		return "", fmt.Errorf("%d starts: %w", n, err)
	}
	l.Kill()
	if err := l.Start(other); err != nil {
		return "", err
	}
	if orphans, err = orphansOf(l); err != nil || len(orphans) != 1 {
		return "", fmt.Errorf("the orphans are %v, %w", orphans, err)
	}
	if out, err := l.Verb("stop", "old"); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	for _, pid := range orphans[0].PIDs {
		if syscall.Kill(pid, 0) == nil && testlab.StateOf(pid) != 'Z' {
			return "", fmt.Errorf("process %d of it still lives", pid)
		}
	}
	return "shown, adopted when it was named again, ended when that was ordered, 1 start", nil
}

func orphansOf(l *testlab.Lab) ([]heal.Orphan, error) {
	s, err := l.Status()
	return s.Orphans, err
}
