package actions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
)

// compensate undoes what a dead run left behind, step by step, and runs the agent again. A
// step may be run any number of times. One that fails or hangs is told and holds nothing up.
func compensate(ctx context.Context, r *Runner, a heal.Attempt) ([]string, error) {
	agent, err := r.agent(a.Agent)
	if err != nil {
		return nil, err
	}
	if _, err := stop(ctx, r, a); err != nil {
		return nil, err
	}
	var done []string
	for _, c := range agent.Compensates {
		if a.Type != "" && !c.For(a.Type) {
			continue
		}
		what, err := r.step(ctx, agent, c, a)
		switch {
		case err != nil:
			what = fmt.Sprintf("%s: could not be done: %v", c.Name, err)
		case what == "":
			continue // there was nothing to undo
		default:
			what = c.Name + ": " + what
		}
		r.Note(a.Agent, "compensate "+what)
		done = append(done, what)
	}
	_, err = start(ctx, r, a)
	return done, err
}

// step undoes one side effect and says what it did; nothing when there was nothing to undo.
func (r *Runner) step(ctx context.Context, agent config.Agent, c config.Compensate, a heal.Attempt) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	switch {
	case c.Lock != "":
		return removeLock(c.Lock, agent.Command)
	case c.Aside != "":
		return moveAside(c.Aside, c.To)
	case c.Port != "":
		return waitForPort(ctx, c.Port)
	case c.Input != "":
		return r.quarantine(agent, c, a)
	}
	env := append(kernel.InheritedEnv(), told(a)...)
	if err := r.Reaper.RunTool(ctx, procs.Command{Argv: c.Command, Env: env, Dir: agent.Dir}, nil); err != nil {
		return "", err
	}
	return "the command has run", nil
}

// moveAside moves a file or folder into another folder, under a name of its own.
func moveAside(from, to string) (string, error) {
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return "", fmt.Errorf("cannot make folder: %w", err)
	}
	target := filepath.Join(to, filepath.Base(from))
	for n := 1; ; n++ {
		if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			break
		}
		target = filepath.Join(to, fmt.Sprintf("%s.%d", filepath.Base(from), n))
	}
	if err := os.Rename(from, target); err != nil {
		return "", fmt.Errorf("cannot move aside: %w", err)
	}
	return "moved to " + target, nil
}

// portEvery is how often a port is looked at.
const portEvery = 50 * time.Millisecond

// waitForPort returns when nobody listens on an address any more.
func waitForPort(ctx context.Context, address string) (string, error) {
	begun := time.Now()
	for {
		l, err := net.Listen("tcp", address)
		if err == nil {
			l.Close()
			if waited := time.Since(begun); waited > portEvery {
				return fmt.Sprintf("%s was free after %s", address, waited.Round(time.Millisecond)), nil
			}
			return "", nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("%s is still in use", address)
		case <-time.After(portEvery):
		}
	}
}

// told are the variables by which commands of the policy know what it is about.
func told(a heal.Attempt) []string {
	env := []string{"HEALER_AGENT=" + a.Agent, "HEALER_INCIDENT=" + a.Incident, "HEALER_STRATEGY=" + string(a.Strategy), "HEALER_REASON=" + reason(a)}
	if i := strings.LastIndexByte(a.ID, '.'); i >= 0 && a.Incident != "" {
		env = append(env, "HEALER_COUNT="+a.ID[i+1:]) // attempts are numbered in their incident
	}
	if a.Type != "" {
		env = append(env, "HEALER_TYPE="+string(a.Type), "HEALER_FINGERPRINT="+a.Fingerprint)
	}
	return env
}

// reason is why something is done, in words: as it was said, or what was ordered, or what
// for.
func reason(a heal.Attempt) string {
	switch {
	case a.Params.Reason != "":
		return a.Params.Reason
	case a.Task != "":
		return "ordered: " + string(a.Task)
	case a.Type != "":
		return fmt.Sprintf("%s for %s", a.Strategy, a.Type)
	}
	return string(a.Strategy)
}
