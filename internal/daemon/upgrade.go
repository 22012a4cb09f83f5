package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"healer-sidecar/internal/host/procs"
)

// upgradeFor bounds how long a new program may take to show that it works.
const upgradeFor = 10 * time.Second

// Ending is how a sidecar's life ended.
type Ending struct {
	// Code is the exit code. Signal is that by which a wrapped command ended, so that we end alike; 0
	// for none.
	Code   int
	Signal syscall.Signal
	// Replace is the program that goes on in our place; empty for none.
	Replace string
}

// Exec lets the program go on that replaces us: in this very process, so the agents
// stay its children. It returns only when that failed.
func (e Ending) Exec() error {
	return fmt.Errorf("cannot execute %s: %w", e.Replace, syscall.Exec(e.Replace, os.Args, os.Environ()))
}

// self is the path of our own program when we began: once it is replaced, the
// kernel's word for it names a deleted file.
var self, selfErr = os.Executable()

// upgrade asks the program at our path to take over. It must first show that it
// works and accepts the policy; else we stay.
func (s *sidecar) upgrade(ctx context.Context) error {
	if s.options.Config == "" {
		return errors.New("a wrapped command ends with its sidecar")
	}
	if selfErr != nil {
		return selfErr
	}
	ctx, cancel := context.WithTimeout(ctx, upgradeFor)
	defer cancel()
	err := s.reaper.RunTool(ctx, procs.Command{Argv: []string{self, "validate", s.options.Config}, Env: os.Environ()}, nil)
	if err != nil {
		return fmt.Errorf("the new program does not accept the policy: %w", err)
	}
	select {
	case s.upgrades <- struct{}{}:
	default: // one is under way already
	}
	return nil
}
