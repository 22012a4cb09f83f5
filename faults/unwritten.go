package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// orphan is an agent that is found without a record of its start.
type orphan struct {
	name, line string
	// adopted says that the very process goes on; else a new one takes its place.
	adopted bool
}

// unwrittenStart kills the sidecar after it has started the agent and before it could write
// that down: the next one must find the agent, go on with it, and heal it later. Where only
// what the agent has left lives, that is ended and the agent is started.
func unwrittenStart(l *testlab.Lab) (string, error) {
	orphans := []orphan{
		{"the agent", "sleep 300", true},
		{"an agent with a daemon", "setsid sleep 301 & sleep 300; :", true},
		{"a daemon that the agent has left", "setsid sh -c 'trap \"\" HUP; sleep 301' & sleep 300", false},
	}
	for _, o := range orphans {
		if err := o.check(l); err != nil {
			return "", fmt.Errorf("%s: %w", o.name, err)
		}
	}
	return fmt.Sprintf("%d of %d found: gone on with, or ended and begun anew; one copy; healed afterwards", len(orphans), len(orphans)), nil
}

func (o orphan) check(l *testlab.Lab) error {
	_ = os.RemoveAll(l.State())
	p := shell(l, o.line, shortGrace)
	if err := l.Start(p); err != nil {
		return err
	}
	before := agentPID(l)
	l.Kill()
	if !o.adopted {
		_ = syscall.Kill(before, syscall.SIGKILL)
	}
	if err := forgetStart(l); err != nil {
		return err
	}
	if err := l.Start(p); err != nil {
		return err
	}
	defer func() { _ = l.Stop() }()
	now := agentPID(l)
	if (now == before) != o.adopted {
		return fmt.Errorf("process %d runs, before it was %d", now, before)
	}
	if err := oneCopy(l); err != nil {
		return err
	}
	_ = syscall.Kill(now, syscall.SIGKILL)
	return testlab.Wait("it is healed after it was found", func() bool {
		pid := agentPID(l)
		return pid != now && pid > 0 && oneCopy(l) == nil
	})
}

// agentPID is the process of the agent; 0 for none.
func agentPID(l *testlab.Lab) int {
	a, _ := l.Agent()
	return a.Process.PID
}

// forgetStart takes the record of the start, and all after it, out of the journal.
func forgetStart(l *testlab.Lab) error {
	paths, _ := filepath.Glob(filepath.Join(l.State(), "journal", "journal-*.jsonl"))
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		at := bytes.Index(b, []byte(`"kind":"`+heal.EventStarted+`"`))
		if at < 0 {
			continue
		}
		return os.WriteFile(path, b[:bytes.LastIndexByte(b[:at], '\n')+1], 0o600)
	}
	return fmt.Errorf("cannot find the record of the start in %v", paths)
}
