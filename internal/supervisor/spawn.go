package supervisor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
)

// Names of the files in the folder of an agent.
const (
	StdoutFile = "stdout.log"
	StderrFile = "stderr.log"
	runDir     = "run"
)

// HostSpawner makes real processes.
type HostSpawner struct {
	Reaper *host.Reaper
	Cages  *host.Cages
	// Dir holds one folder for each agent.
	Dir string
	// Unlimited is told why declared limits are not in force.
	Unlimited func(agent string, err error)
}

// AgentDir is the folder of an agent.
func (s *HostSpawner) AgentDir(agent string) string { return filepath.Join(s.Dir, agent) }

// Prepare makes the folder of an agent and sets the output of an earlier sidecar
// aside. Nothing of the agent may be running.
func (s *HostSpawner) Prepare(agent string) error {
	dir := s.AgentDir(agent)
	if err := host.PrivateDir(dir); err != nil {
		return err
	}
	for _, name := range []string{StdoutFile, StderrFile} {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil && info.Size() > 0 {
			_ = os.Rename(path, path+".1")
		}
		f, err := host.OpenAppend(path)
		if err != nil {
			return err
		}
		f.Close()
	}
	return nil
}

// Spawn starts a run in a session, a process group and, where the host allows, a
// cgroup of its own.
func (s *HostSpawner) Spawn(ctx context.Context, a config.Agent, run int) (Process, error) {
	id, err := newRunID(a.Name)
	if err != nil {
		return nil, err
	}
	dir := s.AgentDir(a.Name)
	if err := cleanRunDir(dir); err != nil {
		return nil, err
	}
	out, err := host.OpenAppend(filepath.Join(dir, StdoutFile))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	errOut, err := host.OpenAppend(filepath.Join(dir, StderrFile))
	if err != nil {
		return nil, err
	}
	defer errOut.Close()
	cage, why := s.cage(id)
	if err := ctx.Err(); err != nil {
		cage.Remove()
		return nil, fmt.Errorf("cannot start %s: %w", a.Name, err)
	}
	p, err := s.Reaper.Start(host.Command{
		Argv: a.Command, Env: environment(a, id, dir), Dir: a.Dir, Stdout: out, Stderr: errOut, Cgroup: cage.FD(),
	})
	if err != nil {
		cage.Remove()
		return nil, err
	}
	tree := host.NewTree(p.Identity, id, cage, s.Reaper)
	fact := heal.RunFact{Run: run, ID: id, PID: p.PID, StartTicks: p.Start, Boot: p.Boot, Containment: why}
	proc := newProcess(fact, tree, cage, p.Exited, s.Reaper, a.Limits)
	if err := proc.limitFromStart(); err != nil {
		s.Unlimited(a.Name, err)
	}
	return proc, nil
}

// cage makes the run's cgroup. Without one the run goes on under weaker means.
func (s *HostSpawner) cage(id string) (*host.Cage, string) {
	cage, err := s.Cages.New(id)
	if err != nil {
		return nil, "best effort: " + err.Error()
	}
	return cage, s.Cages.Why
}

// Reopen finds what is left of a run: its leader, or anything that carries its
// mark.
func (s *HostSpawner) Reopen(a config.Agent, fact heal.RunFact) Process {
	cage, _ := s.Cages.Find(fact.ID)
	leader := host.Identity{PID: fact.PID, Start: fact.StartTicks, Boot: fact.Boot}
	p := newProcess(fact, host.FindTree(leader, fact.ID, cage, s.Reaper), cage, nil, s.Reaper, a.Limits)
	if p.Empty() {
		p.Close()
		return nil
	}
	return p
}

func newRunID(agent string) (string, error) {
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("cannot name a run: %w", err)
	}
	return agent + "-" + hex.EncodeToString(b[:]), nil
}

// cleanRunDir gives every run an empty folder of its own for short-lived files.
func cleanRunDir(dir string) error {
	path := filepath.Join(dir, runDir)
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("cannot clean run directory: %w", err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return fmt.Errorf("cannot make run directory: %w", err)
	}
	return nil
}

// environment is ours without what belongs to us alone, then the policy's, then
// what every agent is told.
func environment(a config.Agent, id, dir string) []string {
	env := slices.DeleteFunc(host.InheritedEnv(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		_, replaced := a.Env[name]
		return replaced
	})
	for name, value := range a.Env {
		env = append(env, name+"="+value)
	}
	return append(env, "HEALER_AGENT="+a.Name, host.RunTag+"="+id, "HEALER_RUN_DIR="+filepath.Join(dir, runDir))
}
