package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
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
		err = follow.Changes(ctx, dir, s.options.DevFiles, s.own.knows, func(path string) {
			name := s.registry.all()[0].Agent.Name
			if s.isOwnWrite(name, path) {
				return
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

const (
	// writesWithin is how soon after its start a command writes what it writes every time; startsAlike is how
	// many starts in a row must show that.
	writesWithin = 3 * time.Second
	startsAlike  = 2
)

// ownWrites knows which files the command itself writes: those that change soon after every start, which
// nobody does by hand. It belongs to the goroutine that watches for changes.
type ownWrites struct {
	// soon counts by kind of file the changes in a row that came soon after a start.
	soon map[string]int
}

// kindOf is what files have in common that a program writes one after the other.
func (o *ownWrites) kindOf(path string) string {
	return filepath.Join(filepath.Dir(path), "*"+filepath.Ext(path))
}

// knows reports that the command writes such files.
func (o *ownWrites) knows(path string) bool { return o.soon[o.kindOf(path)] > startsAlike }

// seen takes a change that would restart the command into account, and reports whether it is clear now that
// the command makes it.
func (o *ownWrites) seen(path string, age time.Duration) bool {
	if o.soon == nil {
		o.soon = map[string]int{}
	}
	kind := o.kindOf(path)
	if age > writesWithin {
		delete(o.soon, kind)
		return false
	}
	o.soon[kind]++
	return o.knows(path)
}

// isOwnWrite reports that a change was made by the command itself, and says so.
func (s *sidecar) isOwnWrite(agent, path string) bool {
	if s.options.DevFiles.Chosen() || !s.own.seen(path, s.sinceStart(agent)) {
		return false
	}
	s.log.Say(fmt.Sprintf("%s changes after every start: %s writes it. Such files are ignored from now on; --watch and --ignore decide otherwise", path, agent))
	return true
}

// sinceStart is how long the present run has lasted.
func (s *sidecar) sinceStart(agent string) time.Duration {
	age, err := procfs.Age(s.units.Status(agent).PID)
	if err != nil {
		return time.Hour // nothing runs that could have written it
	}
	return age
}
