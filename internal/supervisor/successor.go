package supervisor

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// ErrNotPermitted says that we have no right to signal a process of the earlier run, so nothing
// may be started.
var ErrNotPermitted = errors.New("not_permitted: no right to signal a process of the earlier run (EPERM)")

// survived is why the set did not become empty.
func (u *unit) survived() error {
	if u.process == nil || !errors.Is(u.killErr, syscall.EPERM) {
		return ErrUnkillable
	}
	var names []string
	for _, m := range u.process.Describe() {
		names = append(names, fmt.Sprintf("%d %s", m.PID, m.Name))
	}
	return fmt.Errorf("%w: %s runs under another user; no second copy is started until it has ended",
		ErrNotPermitted, strings.Join(names[:min(len(names), maxSurvivors)], ", "))
}

// ended goes on with the process to which a leader handed over that ended well by itself, as one
// does that updates itself or becomes a daemon. Any other end is that of the run.
func (u *unit) ended(exit heal.Exit) {
	well := exit.Signal == "" && exit.Code == 0 && !exit.Unknown && exit.Errno == ""
	if u.state == running && !u.ordered && well && !u.process.Planned() {
		if exited, ok := u.process.Succeed(u.run + 1); ok {
			u.run++
			u.exited = exited
			u.facts.Succeeded(u.agent.Name, procfs.Describe(procfs.Identity{PID: u.process.Fact().PID, Start: u.process.Fact().StartTicks}))
			u.facts.Started(u.agent.Name, u.process.Fact())
			return
		}
	}
	u.exited, u.exit = nil, &exit
	u.take(leaderEnded)
}

// Glance remembers what the leader runs: that cannot be seen any more when it has ended.
func (p *process) Glance() {
	if program := procfs.Program(procs.CommandLine(p.Leader().PID)); program != "" {
		p.program = program
	}
}

// Succeed looks for a process that left the leader's session and runs the same program. Helpers
// that an agent leaves behind run others, and are ended.
func (p *process) Succeed(run int) (<-chan heal.Exit, bool) {
	for _, id := range p.Detached() {
		if program := procfs.Program(procs.CommandLine(id.PID)); program == "" || program != p.program && program != p.command {
			continue
		}
		exited, ours := p.spawner.Reaper.Adopt(id)
		if !ours {
			var err error
			if exited, err = procs.Watch(id); err != nil {
				continue // it has ended meanwhile
			}
		}
		p.Follow(id)
		p.foreign = !ours
		p.fact.Run, p.fact.PID, p.fact.StartTicks = run, id.PID, id.Start
		p.exited = exited
		return exited, true
	}
	return nil, false
}
