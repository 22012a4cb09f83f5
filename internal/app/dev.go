package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
)

// DevPolicy is the policy of a command that somebody works on: short delays, and many tries
// before it is given up until the next change.
func DevPolicy(command []string) *config.Policy {
	p := WrapPolicy(command)
	h := &p.Agents[0].Heal
	h.Backoff = heal.Backoff{Base: 200 * time.Millisecond, Factor: 2, Max: 5 * time.Second}
	h.VerifyFor, h.HealthyAfter = 2*time.Second, 5*time.Second
	h.Budget = heal.Budget{Attempts: 20, Window: time.Minute}
	p.Agents[0].Stop.Grace = 2 * time.Second
	return p
}

// restartOnChange starts the command anew when a file below the present directory changes.
func (s *sidecar) restartOnChange(ctx context.Context) {
	dir, err := os.Getwd()
	if err == nil {
		err = follow.Changes(ctx, dir, func(path string) {
			name := s.crew.all()[0].agent.Name
			if rel, err := filepath.Rel(dir, path); err == nil {
				path = rel
			}
			s.log.Say(path + " has changed: " + name + " is restarted")
			id, result := s.await()
			s.loop.Post(ctx, engine.Ordered{ID: id, Order: heal.Order{Command: heal.CommandRestart, Agent: name, UID: os.Getuid(), PID: os.Getpid(), Reason: path + " has changed"}})
			select {
			case <-result:
			case <-ctx.Done():
			}
		})
	}
	if err != nil {
		s.log.Warn("changes are not seen", "cause", err)
	}
}
