package sampling

import (
	"errors"
	"fmt"
	"time"

	"github.com/shirou/gopsutil/v3/disk"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
)

// Usage is what the processes of one run use together. A nil field could not be
// read: it is unknown, not zero.
type Usage struct {
	// Memory is what the tree holds in bytes: what its own cgroup is charged without the
	// cache of files, else the sum of its proportional shares (PSS), else of what is resident.
	Memory *float64
	// CPU is percent of one core since the sample before; nil on the first.
	CPU *float64
	// FDs and Threads are counts.
	FDs, Threads *float64
	// PSS is memory in bytes with the share of what is common to several, Connections the
	// TCP connections, Hits how often the tree ran into a limit of its cgroup. They are
	// read where Deep asks for them.
	PSS, Connections, Hits *float64
	// IO is bytes read and written since the run began, by files, pipes and sockets.
	IO *float64
	// Processes is how many members were seen; Blocked of them are in
	// uninterruptible sleep. Zombies have ended, and their parent in the tree
	// has not asked how: each takes a place in the table of processes.
	Processes, Blocked, Zombies int
	// Halted are the numbers of those that are stopped or traced, Members of all, and Eldest of
	// the one that was started first.
	Halted, Members []int
	Eldest          int
	eldest          uint64
	// Youngest is when the latest of them was started, in clock ticks since boot.
	Youngest uint64
}

// Snapshot is one immutable look at the host, shared by all detectors of a tick.
type Snapshot struct {
	At    time.Duration
	Usage map[string]Usage
	// Disks and Inodes hold percent used by path; a path that could not be read is
	// absent, and so is one whose file system has no table of inodes.
	Disks, Inodes map[string]float64
	// Pressure is that of the host.
	Pressure Pressure
	// Held are the agents whose processes we hold ourselves: frozen, or in a duty cycle.
	Held map[string]bool
}

// Deep says what else is read of one tree, which takes long. Memory says that somebody judges
// it, so that shares of common memory are measured often.
type Deep struct{ PSS, Connections, Hits, Memory bool }

// Sampler takes snapshots. It belongs to one goroutine.
type Sampler struct {
	// FDs says that descriptors are counted, which takes longer than all the rest; IO
	// that input and output are, which takes one more read.
	FDs, IO bool
	// Pressure says that the pressure of the host is read.
	Pressure bool
	// Deep is what is wanted by agent.
	Deep map[string]Deep
	last map[string]mark
}

// mark is what is remembered of a tree between two samples.
type mark struct {
	cpu    cpuMark
	shares shares
	dead   zombies
}

// cpuMark is the CPU time that the members of one run had used at a moment.
type cpuMark struct {
	at     time.Duration
	perPID map[key]float64
}

// key is a process within one boot.
type key struct {
	pid   int
	start uint64
}

// NewSampler returns a sampler that has seen nothing yet.
func NewSampler() *Sampler { return &Sampler{last: map[string]mark{}} }

// Sample reads the processes of each agent's tree, listed just before, and the disks
// of the paths. It only looks: a number that is reused in between spoils one reading.
func (s *Sampler) Sample(trees map[string][]int, paths []string) Snapshot {
	snap := Snapshot{At: kernel.SinceBoot(), Usage: map[string]Usage{}, Disks: map[string]float64{}, Inodes: map[string]float64{}}
	for agent, pids := range trees {
		u := s.usage(snap.At, agent, pids)
		u.deep(s.Deep[agent], pids)
		snap.Usage[agent] = u
	}
	for agent := range s.last {
		if _, ok := trees[agent]; !ok {
			delete(s.last, agent)
		}
	}
	if s.Pressure {
		snap.Pressure = ReadPressure()
	}
	for _, path := range paths {
		if u, err := disk.Usage(path); err == nil {
			snap.Disks[path] = u.UsedPercent
			if u.InodesTotal > 0 {
				snap.Inodes[path] = u.InodesUsedPercent
			}
		}
	}
	return snap
}

func (s *Sampler) usage(at time.Duration, agent string, pids []int) Usage {
	u := Usage{Processes: len(pids), Members: pids}
	before := s.last[agent]
	used := cpuMark{at: at, perPID: make(map[key]float64, len(pids))}
	var rss, fds, threads, io total
	for _, pid := range pids {
		r, err := s.read(pid)
		if err != nil {
			for _, t := range []*total{&rss, &fds, &threads, &io} {
				t.miss(pid)
			}
			continue
		}
		u.count(pid, r)
		rss.add(r.rss)
		threads.add(r.threads)
		used.perPID[key{pid, r.start}] = r.cpu
		if r.io >= 0 {
			io.add(r.io)
		}
		if r.fds >= 0 {
			fds.add(r.fds)
		} else if s.FDs {
			fds.miss(pid)
		}
	}
	u.FDs, u.Threads, u.IO = fds.value(), threads.value(), io.value()
	u.CPU = percent(before.cpu, used)
	before.cpu = used
	u.Memory = before.shares.memory(at, rss.value(), pids, s.Deep[agent].Memory)
	u.Zombies = before.dead.count(at, pids)
	s.last[agent] = before
	return u
}

// count notes the state of a member.
func (u *Usage) count(pid int, r reading) {
	switch r.state {
	case 'D':
		u.Blocked++
	case 'T', 't':
		u.Halted = append(u.Halted, pid)
	}
	if u.Eldest == 0 || r.start < u.eldest {
		u.Eldest, u.eldest = pid, r.start
	}
	u.Youngest = max(u.Youngest, r.start)
}

// reading is what one process uses: bytes, counts, and seconds of processor time.
// fds and io are negative where they were not asked for or could not be read.
// start tells two processes of one number apart.
type reading struct {
	rss, threads, fds, cpu, io float64
	start                      uint64
	state                      byte
}

// total sums one reading over the members of a tree.
type total struct {
	sum     float64
	seen    bool
	unknown bool
}

func (t *total) add(v float64) { t.sum, t.seen = t.sum+v, true }

// miss notes a member that could not be read. One that has just ended is no gap.
func (t *total) miss(pid int) {
	if st, err := procfs.ReadStat(pid); err == nil && !st.Dead() || err != nil && !errors.Is(err, procfs.ErrGone) {
		t.unknown = true
	}
}

func (t *total) value() *float64 {
	if !t.seen || t.unknown {
		return nil
	}
	return &t.sum
}

// percent compares two marks. A member that is new counts from zero; one that
// ended takes its last slice with it.
func percent(before, now cpuMark) *float64 {
	span := (now.at - before.at).Seconds()
	if before.perPID == nil || span <= 0 || len(now.perPID) == 0 {
		return nil
	}
	used := 0.0
	for id, t := range now.perPID {
		used += max(t-before.perPID[id], 0)
	}
	value := 100 * used / span
	return &value
}

// DiskSpace is the size of the disk of a path, and what is free of it, in bytes.
func DiskSpace(path string) (size, free uint64, err error) {
	u, err := disk.Usage(path)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot read disk: %w", err)
	}
	return u.Total, u.Free, nil
}
