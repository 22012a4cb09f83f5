package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// attachment is the berth of an agent that something else has started.
type attachment struct {
	*preparedRun
	// captured is how the process was started that ran before.
	captured capture
}

// Start takes over the process that is there. Where none is, it is started by the
// declared command, or as it was started before when the policy allows that.
func (b *attachment) Start(ctx context.Context, run int) (Process, error) {
	id, err := find(*b.agent.Attach)
	if errors.Is(err, procs.ErrNoProcess) {
		if len(b.agent.Command) > 0 {
			return b.preparedRun.Start(ctx, run)
		}
		if b.captured.command != nil {
			b.again = b.captured.command
			return b.preparedRun.Start(ctx, run)
		}
		err = errors.Join(err, b.captured.err)
	}
	if err != nil {
		b.Discard()
		return nil, fmt.Errorf("cannot attach: %w", err)
	}
	b.Discard()
	fact := heal.RunFact{Run: run, ID: b.id, PID: id.PID, StartTicks: id.Start, Boot: id.Boot, Containment: "attached: what descends from it", Attached: true}
	return b.spawner.attach(b.agent, fact, id)
}

func (s *HostSpawner) attach(a config.Agent, fact heal.RunFact, id procfs.Identity) (Process, error) {
	exited, err := procs.Watch(id)
	if err != nil {
		return nil, err
	}
	if a.Attach.Captured {
		s.remember(a.Name, id)
	}
	p := newProcess(fact, procs.NewTree(id, fact.ID, nil, s.Reaper), nil, nil, exited, s, a)
	p.foreign = true
	return p, nil
}

// capture is how an attached agent was started; nothing where that may not be used or is not
// known, and why, where it cannot be started again as it was.
type capture struct {
	command *procs.Command
	err     error
}

// remember keeps how an attached agent was started. It holds an environment, so it
// lives in memory only.
func (s *HostSpawner) remember(agent string, id procfs.Identity) {
	var kept capture
	if c, err := procs.Capture(id); err != nil {
		kept.err = fmt.Errorf("it is not started again: %w", err)
	} else {
		c.Starter = s.StartAs
		kept.command = &c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.captured == nil {
		s.captured = map[string]capture{}
	}
	s.captured[agent] = kept
}

func (s *HostSpawner) remembered(agent string) capture {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.captured[agent]
}

// Find reports why the process that the policy means cannot be attached to now.
func Find(a config.Attach) error {
	_, err := find(a)
	return err
}

// find is the process that the policy means.
func find(a config.Attach) (procfs.Identity, error) {
	uid := os.Getuid()
	if a.User != "" {
		u, err := user.Lookup(a.User)
		if err != nil {
			return procfs.Identity{}, fmt.Errorf("cannot find user %q: %w", a.User, err)
		}
		if uid, err = strconv.Atoi(u.Uid); err != nil {
			return procfs.Identity{}, fmt.Errorf("cannot find user %q: %w", a.User, err)
		}
	}
	if a.Match != "" {
		expr, err := regexp.Compile(a.Match)
		if err != nil {
			return procfs.Identity{}, fmt.Errorf("cannot use match: %w", err)
		}
		return procs.Match(expr, uid)
	}
	pid := a.PID
	if a.PIDFile != "" {
		var err error
		if pid, err = procs.ReadPIDFile(a.PIDFile); err != nil {
			return procfs.Identity{}, err
		}
	}
	return procs.Claim(pid, uid)
}

// reattach finds a run that an earlier sidecar was attached to.
func (s *HostSpawner) reattach(a config.Agent, fact heal.RunFact) (Process, heal.Found) {
	id := procfs.Identity{PID: fact.PID, Start: fact.StartTicks, Boot: fact.Boot}
	if alive, err := id.Alive(); err != nil {
		return nil, heal.Found{State: heal.FoundAmbiguous, Why: fmt.Sprintf("adoption_ambiguous: its process cannot be seen: %v", err)}
	} else if !alive {
		return nil, heal.Found{State: heal.FoundGone}
	}
	p, err := s.attach(a, fact, id)
	if err != nil {
		return nil, heal.Found{State: heal.FoundGone, Why: err.Error()}
	}
	return p, heal.Found{State: heal.FoundAlive, Why: "the very process that it was attached to"}
}

// runsOf is the folder of an agent's run directories.
func (s *HostSpawner) runsOf(agent string) string { return filepath.Join(s.AgentDir(agent), runsDir) }
