package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/journal"
	"healer-sidecar/internal/statedir"
	"healer-sidecar/internal/supervisor"
)

// finished answers for a sidecar that has ended, from the state directory that it left. Nothing there is
// changed: a sidecar may begin to use it at any moment.
type finished struct {
	dir    string
	ledger *ledger.Ledger
	agents []string
	// runs, exits and over are by agent: how many runs there were, how the last one ended, and whether
	// nothing was left to do.
	runs  map[string]int
	exits map[string]*heal.Exit
	over  map[string]bool
	// version is that of the sidecar, ended the time of the last record.
	version string
	ended   time.Time
}

// errEnded says that nobody is there to carry an order out.
var errEnded = errors.New("the sidecar has ended; start it again with healer-sidecar run")

// Finished returns a client of what a sidecar has left in a state directory.
func Finished(dir string) (*control.Client, error) {
	f := &finished{dir: dir, ledger: ledger.New(), runs: map[string]int{}, exits: map[string]*heal.Exit{}, over: map[string]bool{}}
	if info, err := os.Stat(f.journals()); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("cannot read state: %s is not a state directory", dir)
	}
	_, err, cut := recall(dir, f.ledger, f.note)
	if err = cmp.Or(err, cut); err != nil {
		return nil, fmt.Errorf("cannot read state: %w", err)
	}
	if f.ended.IsZero() {
		return nil, fmt.Errorf("cannot read state: no sidecar has recorded anything in %s", dir)
	}
	f.ledger.Rebase(procfs.BootID(), now())
	f.agents = slices.Sorted(maps.Keys(f.ledger.Agents))
	return control.Local(filepath.Join(dir, control.SocketName), f), nil
}

// LastFinished is the state directory that was used last and belongs to no running sidecar; empty for
// none.
func LastFinished() string {
	root, err := statedir.Root()
	if err != nil {
		return ""
	}
	return statedir.Latest(root, journalDir)
}

func (f *finished) journals() string { return filepath.Join(f.dir, journalDir) }

// note takes down what the ledger does not keep.
func (f *finished) note(e heal.Event) {
	f.ended = e.At.Wall
	switch e.Kind {
	case heal.EventSidecarStarted:
		f.version = e.Note
	case heal.EventStarted:
		f.runs[e.Agent], f.over[e.Agent] = f.runs[e.Agent]+1, false
	case heal.EventExited, heal.EventFinished:
		f.over[e.Agent] = e.Kind == heal.EventFinished
		if e.Exit != nil {
			f.exits[e.Agent] = e.Exit
		}
	}
}

// core decides nothing: it only knows how to show a ledger.
func (f *finished) core() *engine.Core {
	policies := make([]heal.Policy, len(f.agents))
	for i, name := range f.agents {
		policies[i] = heal.DefaultPolicy(name)
	}
	return engine.New(f.ledger, procfs.BootID(), heal.DefaultHost(), policies)
}

// Status is what was left. An agent that was kept may still run.
func (f *finished) Status(context.Context) (heal.SidecarStatus, error) {
	s := heal.SidecarStatus{Version: f.version, StateDir: f.dir, Ended: f.ended, Paused: f.ledger.Paused, Agents: f.core().Status(now())}
	for i := range s.Agents {
		f.lookAt(&s.Agents[i])
	}
	return s, nil
}

func (f *finished) lookAt(a *heal.AgentStatus) {
	a.Runs, a.Process = f.runs[a.Agent], heal.ProcessStatus{State: "down", LastExit: f.exits[a.Agent]}
	if run := f.ledger.Agent(a.Agent).Run; run != nil {
		id := procfs.Identity{PID: run.PID, Start: run.StartTicks, Boot: run.Boot}
		if alive, err := id.Alive(); err == nil && alive {
			a.Running, a.Health, a.Process.State, a.Process.PID = true, "unsupervised", "running", run.PID
			return
		}
	}
	if a.Health == "starting" { // what a core says of an agent that it has not started
		a.Health = "finished"
	}
	if exit := f.exits[a.Agent]; a.Health == "finished" && exit != nil && codeOf(*exit) != 0 {
		a.Health = "failed"
	}
}

func (f *finished) Stats(context.Context) (heal.Stats, error) { return f.core().Stats(now()), nil }

func (f *finished) Patterns(_ context.Context, agent string) ([]heal.PatternStats, error) {
	if agent != "" {
		if err := f.known(agent); err != nil {
			return nil, err
		}
	}
	return f.core().Patterns(agent), nil
}

func (f *finished) Snapshots(context.Context, string, bool) ([]heal.Generation, error) {
	return nil, errEnded
}

func (f *finished) Knowledge(context.Context, bool) (heal.Knowledge, error) {
	return heal.Knowledge{}, errEnded
}

func (f *finished) Hear(context.Context, heal.Knowledge) (int, error) { return 0, errEnded }
func (f *finished) Order(context.Context, heal.Order) error           { return errEnded }
func (f *finished) Refused(int, int, string)                          {}

// Changed is nil: no more is recorded.
func (f *finished) Changed() <-chan struct{} { return nil }

// Events serves what was recorded.
func (f *finished) Events(after uint64) func(func(heal.Event) bool) error {
	return journal.Since(f.journals(), after).Read
}

// Logs serves the last lines that an agent printed. Nothing follows.
func (f *finished) Logs(_ context.Context, q heal.LogQuery, each func(heal.LogLine) bool) error {
	if err := f.known(q.Agent); err != nil {
		return err
	}
	var lines []heal.LogLine
	for _, file := range []string{supervisor.StdoutFile, supervisor.StderrFile} {
		tail, last, err := follow.Last(filepath.Join(AgentFolder(f.dir, q.Agent), file), q.Last)
		if err != nil {
			return err
		}
		lines = append(lines, stream{strings.TrimSuffix(file, ".log"), tail}.lines(last)...)
		tail.Close()
	}
	serve(lines, each)
	return nil
}

func (f *finished) known(agent string) error {
	if slices.Contains(f.agents, agent) {
		return nil
	}
	return unknownAgent(agent, f.agents)
}
