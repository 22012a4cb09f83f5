package supervisor

import (
	"slices"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
)

// terminal gives the agent a terminal where it wants one. Who keeps it is a process
// of its own, so that it goes on when we do not.
func (b *preparedRun) terminal() error {
	if !b.agent.TTY {
		return nil
	}
	keeper, tty, err := procs.OpenTTY()
	if err != nil {
		return err
	}
	defer keeper.Close()
	b.tty = tty
	p, err := b.spawner.Reaper.Start(procs.Command{
		Argv: append(slices.Clone(b.spawner.KeepTTY), b.spawner.AgentDir(b.agent.Name)), Env: kernel.InheritedEnv(), Stdin: keeper, Stdout: b.out, Cgroup: -1,
	})
	if err == nil {
		b.kept = p.Exited
	}
	return err
}

// heard passes an exit on when all that the run wrote can be read.
func (s *HostSpawner) heard(run int, exited <-chan heal.Exit) <-chan heal.Exit {
	out := make(chan heal.Exit, 1)
	go func() {
		exit := <-exited
		s.Stdio.Heard(run)
		out <- exit
	}()
	return out
}

// lastWordsFor is how long what an agent wrote to its terminal at last may take to
// reach its file.
const lastWordsFor = 250 * time.Millisecond

// afterWords passes an exit on when the keeper of the terminal has copied all of it.
// Where somebody still holds the terminal, or the keeper is not ours, time must do.
func afterWords(exited, kept <-chan heal.Exit) <-chan heal.Exit {
	out := make(chan heal.Exit, 1)
	go func() {
		exit := <-exited
		select {
		case <-kept:
		case <-time.After(lastWordsFor):
		}
		out <- exit
	}()
	return out
}
