package procs

import (
	"cmp"
	"errors"
	"slices"
	"syscall"
	"time"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
)

// Tree follows the processes of one run: its leader, what descends from it, what
// escaped from it by double fork, and what is in its cgroup. It belongs to one
// goroutine.
type Tree struct {
	leader procfs.Identity
	runID  string
	cage   *cgroup.Group
	reaper *Reaper
	// known remembers members, so that one whose parent has died stays found.
	known map[int]procfs.Identity
	// lost says that the run was started by an earlier sidecar: what has escaped from
	// it is nobody's child and is found by its mark only, which takes a look at the
	// whole process table. scanned is when that was done.
	lost    bool
	scanned time.Time
}

// scanEvery is how often the process table is searched for members of a lost run.
const scanEvery = 10 * time.Second

// FindTree finds what is left of a run that an earlier sidecar started.
func FindTree(leader procfs.Identity, runID string, cage *cgroup.Group, reaper *Reaper) *Tree {
	t := NewTree(leader, runID, cage, reaper)
	t.lost = true
	return t
}

// NewTree follows the run whose leader is p. cage may be nil.
func NewTree(leader procfs.Identity, runID string, cage *cgroup.Group, reaper *Reaper) *Tree {
	return &Tree{leader: leader, runID: runID, cage: cage, reaper: reaper, known: map[int]procfs.Identity{leader.PID: leader}}
}

// Members returns the processes of the run that are alive, oldest first. One that has
// escaped a moment ago may be missing.
func (t *Tree) Members() []procfs.Identity { return t.members(false) }

// Scan returns them too, after a look at every process of the host.
func (t *Tree) Scan() []procfs.Identity { return t.members(true) }

// PIDs are the numbers of the members, to look at them.
func (t *Tree) PIDs() []int {
	members := t.Members()
	pids := make([]int, len(members))
	for i, id := range members {
		pids[i] = id.PID
	}
	return pids
}

// members with fresh has looked at everything now.
func (t *Tree) members(fresh bool) []procfs.Identity {
	queue := t.seeds(fresh)
	seen := map[int]bool{}
	for len(queue) > 0 {
		pid := queue[0]
		queue = queue[1:]
		if seen[pid] {
			continue
		}
		seen[pid] = true
		queue = append(queue, procfs.ChildrenOf(pid)...)
		t.remember(pid)
	}
	var alive []procfs.Identity
	for pid, id := range t.known {
		if ok, err := id.Alive(); err == nil && !ok {
			delete(t.known, pid)
			continue
		}
		alive = append(alive, id)
	}
	slices.SortFunc(alive, func(a, b procfs.Identity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.PID, b.PID))
	})
	return alive
}

// seeds are the processes from which the walk starts.
func (t *Tree) seeds(fresh bool) []int {
	var pids []int
	for pid, id := range t.known {
		if ok, err := id.Alive(); ok || err != nil {
			pids = append(pids, pid)
		}
	}
	if t.cage != nil {
		pids = append(pids, t.cage.PIDs()...)
	}
	if t.lost && time.Since(t.scanned) > scanEvery {
		t.scanned = time.Now()
		pids = append(pids, procfs.Tagged(t.runID)...)
	}
	return append(pids, t.orphans(fresh)...)
}

// orphans are children of ours that nobody waits for and that carry the mark of
// this run: they were adopted when their parent died.
func (t *Tree) orphans(fresh bool) []int {
	var pids []int
	for _, pid := range t.reaper.adopted(fresh) {
		s, err := procfs.ReadStat(pid)
		if err == nil && !s.Dead() && (s.Session == t.leader.PID || procfs.HasTag(pid, t.runID)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (t *Tree) remember(pid int) {
	if _, ok := t.known[pid]; ok {
		return
	}
	if id, err := procfs.Identify(pid); err == nil {
		t.known[pid] = id
	}
}

// Populated asks the run's cgroup whether anybody is in it; false without one.
func (t *Tree) Populated() bool { return t.cage != nil && t.cage.Populated() }

// Empty reports that no process of the run is left.
func (t *Tree) Empty() bool {
	if t.cage != nil && t.cage.Populated() {
		return false
	}
	if len(t.Members()) > 0 {
		return false
	}
	t.scanned = time.Time{} // emptiness is proven by a look at everything
	return len(t.Scan()) == 0
}

// Signal sends sig to every member and returns how many took it. A stopped or
// traced member gets SIGCONT too, or it could never act on the signal.
func (t *Tree) Signal(sig syscall.Signal) (int, error) {
	sent := 0
	var failed error
	for _, id := range t.Scan() {
		err := id.Signal(sig)
		if err == nil {
			sent++
		} else if !errors.Is(err, procfs.ErrGone) {
			failed = err
		}
		if sig == syscall.SIGTERM {
			_ = id.Signal(syscall.SIGCONT)
		}
	}
	return sent, failed
}

// Kill ends every member at once, through the cgroup where there is one.
func (t *Tree) Kill() error {
	if t.cage != nil {
		t.cage.Kill()
	}
	_, err := t.Signal(syscall.SIGKILL)
	return err
}

// Follow makes another member the leader.
func (t *Tree) Follow(id procfs.Identity) {
	t.leader = id
	t.known[id.PID] = id
}

// Detached are the members that left the session of the leader, oldest first.
func (t *Tree) Detached() []procfs.Identity {
	return slices.DeleteFunc(t.Scan(), func(id procfs.Identity) bool {
		s, err := procfs.ReadStat(id.PID)
		return id == t.leader || err != nil || s.Session == t.leader.PID
	})
}

// Leader is the process that was started.
func (t *Tree) Leader() procfs.Identity { return t.leader }

// Witnesses of a run that an earlier sidecar started. Two that agree prove that its
// leader is alive.
type Witnesses struct {
	// Leader: exactly the process that was recorded is alive.
	Leader bool
	// Tag: the leader carries the mark of the run.
	Tag bool
	// Group: the leader is in the run's cgroup.
	Cage bool
	// Lock: something holds the lock that the run inherited.
	Lock bool
	// Others counts members that are alive beside the leader.
	Others int
	// Blind is why the leader cannot be seen; nil when it can.
	Blind error
}

// Witness collects what speaks for the run being alive. lock is the path of its
// witness file.
func (t *Tree) Witness(lock string) Witnesses {
	w := Witnesses{Lock: procfs.Witnessed(lock)}
	w.Leader, w.Blind = t.leader.Alive()
	if w.Leader {
		w.Tag = procfs.HasTag(t.leader.PID, t.runID)
		w.Cage = t.cage != nil && slices.Contains(t.cage.PIDs(), t.leader.PID)
	}
	for _, id := range t.Members() {
		if id != t.leader {
			w.Others++
		}
	}
	return w
}
