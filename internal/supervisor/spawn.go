package supervisor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// Names in the folder of an agent.
const (
	StdoutFile = "stdout.log"
	StderrFile = "stderr.log"

	runsDir     = "runs"
	witnessFile = "alive"
)

// HostSpawner makes real processes.
type HostSpawner struct {
	Reaper *procs.Reaper
	Cages  *cgroup.Groups
	Cuts   *netblock.Blocker
	// Dir holds one folder for each agent; Home is the state directory, by which runs are found.
	Dir, Home string
	// Stdio gives a wrapped command its streams; nil for agents of a policy, which write to
	// files and read nothing.
	Stdio Stdio
	// KeepTTY is the command that copies what it reads from a terminal to its output
	// until the terminal is gone; it gets the folder of the agent as its last argument.
	KeepTTY []string
	// StartAs is the command that calls host.StartAs.
	StartAs []string
	// Sockets are variables that tell an agent where it is heard; nil for none.
	Sockets func(agent string) map[string]string
	// Spare makes a folder elsewhere, for when Dir cannot be used; Moved is told that the files of
	// an agent's next run lie there, and why.
	Spare func() (string, error)
	Moved func(agent, dir string, why error)
	// Amend changes how a run of an agent is started; nil for not at all.
	Amend func(a config.Agent, run string, c *procs.Command)
	// Unlimited is told why declared limits are not in force.
	Unlimited func(agent string, err error)

	cleaning sync.WaitGroup
	disk     fsys.Disk

	mu       sync.Mutex // guards all below
	living   []procfs.MarkedRun
	looked   time.Time
	captured map[string]capture
	spare    string
}

// AgentDir is the folder of an agent.
func (s *HostSpawner) AgentDir(agent string) string { return filepath.Join(s.Dir, agent) }

func (s *HostSpawner) path(agent, file string) string { return filepath.Join(s.Dir, agent, file) }

// Open makes the folder of an agent. Nothing of the agent may be running.
func (s *HostSpawner) Open(agent string) error {
	dir := s.AgentDir(agent)
	if err := fsys.PrivateDir(dir); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, runsDir)); err != nil {
		return fmt.Errorf("cannot clean run directories: %w", err)
	}
	for _, name := range []string{StdoutFile, StderrFile} {
		f, err := fsys.OpenAppend(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		f.Close()
	}
	return nil
}

// givenBackWithin is how long the end waits for a disk.
const givenBackWithin = 5 * time.Second

// Wait returns when everything that ended runs held is given back, or the disk does not answer.
func (s *HostSpawner) Wait() {
	disk := fsys.Disk{Patience: givenBackWithin}
	_, _ = fsys.Ask(&disk, func() (bool, error) {
		s.cleaning.Wait()
		return true, nil
	}, nil)
}

// preparedRun is the place of one run on the real host.
type preparedRun struct {
	spawner *HostSpawner
	agent   config.Agent
	// place is the folder of the agent, dir that of the run in it.
	id, place, dir string
	out, errOut    *os.File
	witness        *os.File
	// tty is the terminal of the agent, kept by a process of its own; nil for none.
	tty         *os.File
	kept        <-chan heal.Exit
	cage        *cgroup.Group
	tasks       *cgroup.RunTasks
	containment string
	// stdio is what the run reads and writes in place of out and errOut.
	stdio procs.Stdio
	// again replaces the policy's command, directory and environment.
	again *procs.Command
}

// Prepare makes a folder, a cgroup where the host allows one, and the open output
// files for the next run. An agent that is down is not kept down by our own trouble: where our
// folder takes nothing, or its disk hangs, the files lie elsewhere.
func (s *HostSpawner) Prepare(a config.Agent) (PreparedRun, error) {
	id, err := newRunID(a.Name)
	if err != nil {
		return nil, err
	}
	b, err := fsys.Ask(&s.disk, func() (*preparedRun, error) { return s.preparedRun(a, id, s.AgentDir(a.Name)) }, (*preparedRun).closeFiles)
	if err != nil {
		if b, err = s.elsewhere(a, id, err); err != nil {
			return nil, err
		}
	}
	b.cage, b.containment = s.cage(id)
	if b.tasks, err = s.Cages.RunTasks(id, b.cage); err != nil {
		s.Unlimited(a.Name, err)
	}
	if a.Attach != nil {
		return &attachment{b, s.remembered(a.Name)}, nil
	}
	return b, nil
}

// preparedRun makes the folder and the files of a run in a folder of the agent.
func (s *HostSpawner) preparedRun(a config.Agent, id, place string) (*preparedRun, error) {
	b := &preparedRun{spawner: s, agent: a, id: id, place: place, dir: filepath.Join(place, runsDir, id)}
	err := os.MkdirAll(b.dir, 0o700)
	if err == nil {
		b.out, err = fsys.OpenAppend(filepath.Join(place, StdoutFile))
	}
	if err == nil {
		b.errOut, err = fsys.OpenAppend(filepath.Join(place, StderrFile))
	}
	if err != nil {
		b.closeFiles()
		_ = os.RemoveAll(b.dir)
		return nil, fmt.Errorf("cannot make run directory: %w", err)
	}
	return b, nil
}

// Start runs the program in a session, a process group and, where there is one, in
// the berth's cgroup.
func (b *preparedRun) Start(ctx context.Context, run int) (Process, error) {
	defer b.closeFiles()
	if err := ctx.Err(); err != nil {
		b.Discard()
		return nil, fmt.Errorf("cannot start %s: %w", b.agent.Name, err)
	}
	var p *procs.Process
	var err error
	if b.spawner.Stdio != nil {
		b.stdio, err = b.spawner.Stdio.Begin(run)
	} else {
		err = b.terminal()
	}
	if err == nil {
		b.witness, err = b.spawner.witness(b.agent.Name)
	}
	if err == nil {
		p, err = b.begin()
	}
	if err != nil {
		b.Discard()
		if b.spawner.Stdio != nil {
			b.spawner.Stdio.Heard(run)
		}
		return nil, err
	}
	_ = procs.DieFirst(p.PID) // it may have ended already, and where it fails nothing is worse than it was
	tree := procs.NewTree(p.Identity, b.id, b.cage, b.spawner.Reaper)
	fact := heal.RunFact{Run: run, ID: b.id, PID: p.PID, StartTicks: p.Start, Boot: p.Boot, Containment: b.containment, Cgroup: b.cage.Dir(), Namespace: b.agent.Isolate.Namespace}
	exited := p.Exited
	switch {
	case b.spawner.Stdio != nil:
		exited = b.spawner.heard(run, exited)
	case b.tty != nil:
		exited = afterWords(exited, b.kept)
	}
	b.tasks.HoldUser(p.PID)
	proc := newProcess(fact, tree, b.cage, b.tasks, exited, b.spawner, b.agent)
	proc.runDir = b.dir
	if err := proc.limitFromStart(); err != nil {
		b.spawner.Unlimited(b.agent.Name, err)
	}
	return proc, nil
}

func (b *preparedRun) begin() (*procs.Process, error) {
	c, err := b.command()
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", b.agent.Name, err)
	}
	return b.spawner.Reaper.Start(c)
}

func (b *preparedRun) command() (procs.Command, error) {
	named, err := readEnvFiles(b.agent.EnvFiles)
	if err != nil {
		return procs.Command{}, err
	}
	maps.Copy(named, b.agent.Env)
	b.agent.Env = named
	c := procs.Command{Argv: b.agent.Command, Env: environment(b.agent, b.id, b.dir, kernel.InheritedEnv()), Dir: b.agent.Dir, Namespace: b.agent.Isolate.Namespace}
	if b.again != nil {
		c = procs.Command{Argv: b.again.Argv, Env: environment(b.agent, b.id, b.dir, b.again.Env), Dir: b.again.Dir, As: b.again.As, Starter: b.again.Starter}
	}
	if b.spawner.Sockets != nil {
		for name, value := range b.spawner.Sockets(b.agent.Name) {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	if b.spawner.Home != "" {
		c.Env = append(c.Env, procfs.HomeTag+"="+b.spawner.Home)
	}
	if len(b.agent.Degrades) > 0 {
		c.Env = append(c.Env, "HEALER_MODE_FILE="+filepath.Join(b.place, modeFile))
	}
	if b.spawner.Amend != nil {
		b.spawner.Amend(b.agent, b.id, &c)
	}
	c.Stdout, c.Stderr, c.Witness, c.Cgroup = b.out, b.errOut, b.witness, b.cage.FD()
	c.Tasks = b.tasks.Entry()
	if b.spawner.Stdio != nil {
		c.Stdin, c.Stdout, c.Stderr, c.TTY = b.stdio.Files[0], b.stdio.Files[1], b.stdio.Files[2], b.stdio.TTY
	}
	if b.tty != nil {
		c.Stdin, c.Stdout, c.Stderr, c.TTY = b.tty, b.tty, b.tty, true
	}
	return c, nil
}

// Discard gives back what the berth held.
func (b *preparedRun) Discard() {
	b.closeFiles()
	b.tasks.Remove()
	b.cage.Remove()
	b.spawner.cleaning.Go(func() { _ = os.RemoveAll(b.dir) })
}

func (b *preparedRun) closeFiles() {
	b.stdio.Close()
	for _, f := range []*os.File{b.out, b.errOut, b.witness, b.tty} {
		if f != nil {
			f.Close()
		}
	}
}

// cage makes the run's cgroup. Without one the run goes on under weaker means.
func (s *HostSpawner) cage(id string) (*cgroup.Group, string) {
	cage, err := s.Cages.New(id)
	if err != nil {
		return nil, "best effort: " + err.Error()
	}
	return cage, s.Cages.Why
}

func newRunID(agent string) (string, error) {
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("cannot name a run: %w", err)
	}
	return agent + "-" + hex.EncodeToString(b[:]), nil
}

// environment is what is inherited, then the policy's, then what every agent is
// told.
func environment(a config.Agent, id, dir string, inherited []string) []string {
	env := slices.DeleteFunc(slices.Clone(inherited), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		_, replaced := a.Env[name]
		return replaced || strings.HasPrefix(name, "HEALER_")
	})
	for name, value := range a.Env {
		env = append(env, name+"="+value)
	}
	return append(env, procfs.AgentTag+"="+a.Name, procfs.RunTag+"="+id, procfs.RunDirTag+"="+dir)
}
