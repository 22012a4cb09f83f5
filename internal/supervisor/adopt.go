package supervisor

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// Adopt finds what became of a run that an earlier sidecar started; fact is the one that it
// wrote down, nil for none. A run that is alive is taken over; what outlived its leader is
// ended; and when the witnesses disagree nothing is touched.
func (s *Supervisor) Adopt(ctx context.Context, agent string, fact *heal.RunFact) (found heal.Found, err error) {
	leftover := false
	s.ask(agent, func(u *unit) {
		var p Process
		if p, found = u.spawner.Reopen(u.agent, fact); p == nil {
			return
		}
		run := p.Fact()
		if found.State == heal.FoundAlive {
			found.Run = &run
		}
		if u.state != down {
			return
		}
		u.process, u.exited, u.state, u.run, u.ordered = p, p.Exited(), running, run.Run, false
		u.cage.Store(p.Cage())
		u.frozen = p.Held()
		u.killed = oomKills{count: p.OOMKills()}
		u.glancing.Reset(glanceEvery)
		if leftover = found.State != heal.FoundAlive; leftover {
			u.ordered = true
		}
	})
	if !leftover {
		return found, nil
	}
	return found, s.Stop(ctx, agent)
}

// Reopen weighs the witnesses of a run. A lock that is held by nothing of the run that was
// written down is held by one that was not: the sidecar was killed after it had started that
// and before it could say so.
func (s *HostSpawner) Reopen(a config.Agent, fact *heal.RunFact) (p Process, found heal.Found) {
	next := heal.RunFact{Run: 1}
	if fact != nil {
		if p, found = s.reopen(a, *fact); p != nil || found.State == heal.FoundAlive {
			return p, found
		}
		next.Run = fact.Run + 1
	}
	id, leader, err := s.unrecorded(a.Name)
	switch {
	case err != nil:
		return nil, heal.Found{State: heal.FoundAmbiguous, Why: err.Error()}
	case id == "" || fact != nil && id == fact.ID:
		return nil, found
	}
	next.ID, next.PID, next.StartTicks, next.Boot = id, leader.PID, leader.Start, procfs.BootID()
	if next.Containment = s.Cages.Why; s.Cages.Dir != "" {
		next.Cgroup = filepath.Join(s.Cages.Dir, id)
	}
	return s.reopen(a, next)
}

// unrecorded finds the living run of an agent that nobody has written down: by what its processes
// carry, whatever became of the state, or by the lock that they hold.
func (s *HostSpawner) unrecorded(agent string) (id string, leader procfs.Identity, err error) {
	var mine []procfs.MarkedRun
	for _, r := range s.Living() {
		if r.Agent == agent {
			mine = append(mine, r)
		}
	}
	switch len(mine) {
	case 0:
	case 1:
		return mine[0].ID, mine[0].Leader, nil
	default:
		return "", leader, fmt.Errorf("adoption_ambiguous: %d runs of it are alive: %s and %s", len(mine), mine[0].ID, mine[1].ID)
	}
	lock := s.path(agent, witnessFile)
	if !procfs.Witnessed(lock) {
		return "", leader, nil
	}
	id, leader, _ = procfs.FindUnrecorded(s.runsOf(agent), lock)
	return id, leader, nil
}

// livingFor is how long a look at all processes counts: agents are adopted one after the other.
const livingFor = time.Second

// Living are the runs of this state directory that are alive, whoever knows of them.
func (s *HostSpawner) Living() []procfs.MarkedRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looked.IsZero() || time.Since(s.looked) > livingFor {
		s.living, s.looked = procfs.MarkedRuns(s.Home, s.Dir), time.Now()
	}
	return s.living
}

// endFor is how long an orphan may take to end before it is killed.
const endFor = 10 * time.Second

// End ends a run that belongs to no agent of the policy, and returns when nothing of it is left.
func (s *HostSpawner) End(ctx context.Context, r procfs.MarkedRun) error {
	cage, _ := cgroup.Find(filepath.Join(s.Cages.Dir, r.ID))
	tree := procs.FindTree(r.Leader, r.ID, cage, s.Reaper)
	if _, err := tree.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("cannot end %s: %w", r.ID, err)
	}
	kill, late := time.NewTimer(endFor), time.NewTimer(endFor+killFor)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for !tree.Empty() {
		select {
		case <-look.C:
		case <-kill.C:
			_ = tree.Kill()
		case <-late.C:
			return fmt.Errorf("cannot end %s: %w", r.ID, ErrUnkillable)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	cage.Remove()
	return nil
}

func (s *HostSpawner) reopen(a config.Agent, fact heal.RunFact) (Process, heal.Found) {
	if fact.Boot != procfs.BootID() {
		return nil, heal.Found{State: heal.FoundRebooted}
	}
	if fact.Attached {
		return s.reattach(a, fact)
	}
	cage, _ := cgroup.Find(fact.Cgroup)
	leader := procfs.Identity{PID: fact.PID, Start: fact.StartTicks, Boot: fact.Boot}
	tasks, _ := s.Cages.RunTasks(fact.ID, cage)
	tree := procs.FindTree(leader, fact.ID, cage, s.Reaper)
	if exited, ours := s.Reaper.Adopt(leader); ours {
		return s.takenOver(newProcess(fact, tree, cage, tasks, s.hearOut(a, fact, exited), s, a), a), heal.Found{State: heal.FoundAlive, Why: "it is our child"}
	}
	w := tree.Witness(s.path(a.Name, witnessFile))
	found := weigh(w)
	switch {
	case found.State == heal.FoundAlive:
		exited, err := procs.Watch(leader)
		if err != nil { // it ended while we looked
			return newProcess(fact, tree, cage, tasks, nil, s, a), heal.Found{State: heal.FoundGone, Why: err.Error()}
		}
		p := newProcess(fact, tree, cage, tasks, s.hearOut(a, fact, exited), s, a)
		p.foreign = true
		return s.takenOver(p, a), found
	case found.State == heal.FoundGone && w.Others > 0:
		return newProcess(fact, tree, cage, tasks, nil, s, a), found
	case found.State == heal.FoundGone:
		tasks.Remove()
		cage.Remove()
		cgroup.RemoveLimits(limiterPrefix + fact.ID)
	}
	return nil, found
}

// hearOut waits a moment for the last words of an agent whose terminal or streams somebody
// else keeps.
func (s *HostSpawner) hearOut(a config.Agent, fact heal.RunFact, exited <-chan heal.Exit) <-chan heal.Exit {
	if s.Stdio != nil {
		s.Stdio.Adopt(fact.Run, fact.PID)
		return s.heard(fact.Run, exited)
	}
	if !a.TTY {
		return exited
	}
	return afterWords(exited, nil)
}

// takenOver puts the declared limits in force again: they may have been lost, or the
// policy may have changed, while nobody watched.
func (s *HostSpawner) takenOver(p *process, a config.Agent) *process {
	p.tasks.Take(p.Tree)
	if err := p.limitFromStart(); err != nil {
		s.Unlimited(a.Name, err)
	}
	return p
}

// weigh concludes from the witnesses. One alone proves nothing: a number may be
// reused, an environment copied, a lock inherited by a stranger.
func weigh(w procs.Witnesses) heal.Found {
	agree := []string{}
	for name, speaks := range map[string]bool{"identity": w.Leader, "mark": w.Tag, "cgroup": w.Cage, "lock": w.Leader && w.Lock} {
		if speaks {
			agree = append(agree, name)
		}
	}
	switch {
	case w.Blind != nil:
		return heal.Found{State: heal.FoundAmbiguous, Why: fmt.Sprintf("adoption_ambiguous: its process cannot be seen: %v", w.Blind)}
	case w.Leader && len(agree) >= 2:
		return heal.Found{State: heal.FoundAlive, Why: fmt.Sprintf("%d witnesses agree", len(agree))}
	case w.Leader:
		return heal.Found{State: heal.FoundAmbiguous, Why: "adoption_ambiguous: the recorded process is alive, and nothing else says that it is the agent"}
	case w.Lock && w.Others == 0:
		return heal.Found{State: heal.FoundAmbiguous, Why: "adoption_ambiguous: its process is gone, and something that cannot be found holds its lock"}
	}
	return heal.Found{State: heal.FoundGone}
}
