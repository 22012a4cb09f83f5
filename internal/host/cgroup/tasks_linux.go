package cgroup

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/procfs"
)

// Tasks keeps all runs together below the number of processes and threads that we may have
// ourselves: an agent that forks without end must not leave the sidecar without threads.
type Tasks struct {
	// Pool is the most tasks of all runs together, Share that of one run whose policy names
	// no limit; zero for no limit.
	Pool, Share int64
	// Why says what is in force, or what prevents it.
	Why string
	// dir holds the cgroups of the runs in the v1 hierarchy; empty on v2.
	dir string
	// byUser says that the limit is one on the processes of our user, for want of cgroups.
	byUser bool
}

// The part of the ceiling that runs never get.
const leastReserve, mostReserve = 24, 256

// threadsInReserve are started at once and never ended: the runtime dies when it needs a
// thread that the kernel refuses.
const threadsInReserve = 16

// ReserveThreads lets the runtime start its threads while the kernel still gives some.
func ReserveThreads() {
	var all, ready sync.WaitGroup
	ready.Add(threadsInReserve)
	for range threadsInReserve {
		all.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			ready.Wait() // every one of them holds a thread now
		})
	}
	all.Wait()
}

// LimitTasks prepares the limit for the runs of these cages.
func (c *Groups) LimitTasks(name string) {
	ceiling, used := TaskCeiling(CagesPrefix + name)
	t := Tasks{Pool: poolOf(ceiling, used)}
	t.Share = max(t.Pool-t.Pool/8, 1)
	err := t.open(c, CagesPrefix+name)
	switch {
	case err == nil:
	case os.Geteuid() != 0:
		t.byUser, t.Why = true, fmt.Sprintf("limit on the processes of the user: %v", err)
	default:
		t = Tasks{Why: fmt.Sprintf("no limit on tasks: %v", err)}
	}
	c.tasks = t
}

// Tasks says how the runs are kept below our own limit.
func (c *Groups) Tasks() Tasks { return c.tasks }

func (t *Tasks) open(c *Groups, name string) error {
	if UnifiedCgroups() {
		if c.Dir == "" {
			return errors.New("runs have no cgroups")
		}
		if err := handDown(c.Dir, "+pids"); err != nil {
			return err
		}
		t.Why = fmt.Sprintf("cgroup v2: pids %d", t.Pool)
		return writeTasks(c.Dir, t.Pool)
	}
	mount := MountOf("cgroup", "pids")
	if mount == "" {
		return errors.New("no cgroup hierarchy for pids is mounted")
	}
	own, err := OwnCgroup("pids")
	if err != nil {
		return err
	}
	t.dir = filepath.Join(mount, own, name)
	if err := os.Mkdir(t.dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("no right to make cgroups: %w", err)
	}
	t.Why = fmt.Sprintf("cgroup v1: pids %d", t.Pool)
	return writeTasks(t.dir, t.Pool)
}

// poolOf is what runs may have of a ceiling of which so much is used already.
func poolOf(ceiling, used int64) int64 {
	reserve := min(max(ceiling/8, leastReserve), mostReserve)
	return max(ceiling-used-reserve, ceiling/4, 1)
}

// TaskCeiling is the tightest limit on tasks that holds for us, and how much of it is used by
// others than the runs in the pool of that name.
func TaskCeiling(pool string) (ceiling, used int64) {
	ceiling = math.MaxInt32
	lower := func(limit, now int64) {
		if limit > 0 && limit-now < ceiling-used {
			ceiling, used = limit, max(now, 0)
		}
	}
	for _, file := range []string{"kernel/pid_max", "kernel/threads-max"} {
		n, _ := readNumber(filepath.Join("/proc/sys", file))
		lower(n, 0)
	}
	if limit := userLimit(); limit > 0 {
		lower(limit, userTasks())
	}
	mount, own := MountOf("cgroup2", ""), ""
	if UnifiedCgroups() {
		own, _ = OwnCgroup("")
	} else {
		mount = MountOf("cgroup", "pids")
		own, _ = OwnCgroup("pids")
	}
	for dir := filepath.Join(mount, own); mount != "" && len(dir) >= len(mount); dir = filepath.Dir(dir) {
		limit, err := readNumber(filepath.Join(dir, "pids.max"))
		if err == nil {
			lower(limit, readTasks(dir)-readTasks(filepath.Join(dir, pool)))
		}
	}
	return ceiling, used
}

// userLimit is how many tasks our user may have; 0 for no limit, as for root.
func userLimit() int64 {
	var limit unix.Rlimit
	if os.Geteuid() == 0 || unix.Getrlimit(unix.RLIMIT_NPROC, &limit) != nil || limit.Cur > math.MaxInt32 {
		return 0
	}
	return int64(limit.Cur)
}

// userTasks counts the tasks of our user.
func userTasks() (n int64) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		var st unix.Stat_t
		if unix.Stat(filepath.Join("/proc", e.Name()), &st) != nil || int(st.Uid) != os.Geteuid() {
			continue
		}
		if s, err := procfs.ReadStat(pid); err == nil {
			n += int64(s.Threads)
		}
	}
	return n
}

func readTasks(dir string) int64 {
	n, _ := readNumber(filepath.Join(dir, "pids.current"))
	return n
}

func writeTasks(dir string, n int64) error {
	if err := os.WriteFile(filepath.Join(dir, "pids.max"), strconv.AppendInt(nil, n, 10), 0); err != nil {
		return fmt.Errorf("cannot limit tasks: %w", err)
	}
	return nil
}

func readNumber(path string) (int64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
}

// RunTasks limits the tasks of one run; nil where nothing can.
type RunTasks struct {
	pool Tasks
	dir  string
	// apart says that the cgroup is one beside the run's cage.
	apart bool
}

// RunTasks makes, or finds again, the limit of a run with its share of the pool.
func (c *Groups) RunTasks(run string, cage *Group) (*RunTasks, error) {
	t := c.tasks
	r := &RunTasks{pool: t}
	switch {
	case t.Pool == 0:
		return nil, nil
	case t.byUser:
		return r, nil
	case t.dir != "":
		r.dir, r.apart = filepath.Join(t.dir, run), true
		if err := os.Mkdir(r.dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, fmt.Errorf("cannot make cgroup: %w", err)
		}
	case cage != nil:
		r.dir = cage.dir
	default:
		return nil, nil
	}
	return r, r.Lift()
}

// Entry is the file by which a thread enters the limit before it starts the run; empty where
// the run's cage is the limit, or nothing is.
func (r *RunTasks) Entry() string {
	if r == nil || !r.apart {
		return ""
	}
	return filepath.Join(r.dir, "tasks")
}

// HoldUser limits a run that has just begun where only a limit on our user's processes can.
func (r *RunTasks) HoldUser(pid int) {
	if r == nil || !r.pool.byUser {
		return
	}
	var limit unix.Rlimit
	if unix.Prlimit(pid, unix.RLIMIT_NPROC, nil, &limit) != nil {
		return
	}
	limit.Cur = min(limit.Cur, uint64(userTasks()+r.pool.Share))
	limit.Max = min(limit.Max, limit.Cur)
	_ = unix.Prlimit(pid, unix.RLIMIT_NPROC, &limit, nil)
}

// Declare limits the run to so many tasks, and to no more than its share.
func (r *RunTasks) Declare(n int64) error {
	if r == nil || r.dir == "" {
		return errors.New("cannot limit tasks: the run has no cgroup for it")
	}
	return writeTasks(r.dir, min(n, r.pool.Share))
}

// Lift goes back to the share of a run.
func (r *RunTasks) Lift() error {
	if r == nil || r.dir == "" {
		return nil
	}
	return writeTasks(r.dir, r.pool.Share)
}

// limit is what the kernel holds.
func (r *RunTasks) limit() int64 {
	if r == nil || r.dir == "" {
		return 0
	}
	n, _ := readNumber(filepath.Join(r.dir, "pids.max"))
	return n
}

// Take moves the members of a run in that an earlier sidecar started outside.
func (r *RunTasks) Take(tree interface{ Scan() []procfs.Identity }) {
	if r != nil && r.apart {
		r.take(tree.Scan())
	}
}

// take moves the members of a run in that are not in it yet.
func (r *RunTasks) take(members []procfs.Identity) {
	if r == nil || !r.apart {
		return
	}
	for _, id := range members {
		_ = os.WriteFile(filepath.Join(r.dir, "cgroup.procs"), strconv.AppendInt(nil, int64(id.PID), 10), 0)
	}
}

// Remove gives the cgroup back. It fails silently while somebody is in it.
func (r *RunTasks) Remove() {
	if r != nil && r.apart {
		_ = os.Remove(r.dir)
	}
}

// Below runs do on a thread that has entered a cgroup by one of its files, so that what do
// starts is born in it. An empty name is no cgroup. Where the thread cannot come back it stays
// locked, and ends with its goroutine.
func Below(entry string, do func()) error {
	if entry == "" {
		do()
		return nil
	}
	home, err := homeOf(entry)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	self := strconv.AppendInt(nil, int64(unix.Gettid()), 10)
	if err := os.WriteFile(entry, self, 0); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("cannot enter the cgroup of the run: %w", err)
	}
	do()
	if os.WriteFile(home, self, 0) == nil {
		runtime.UnlockOSThread()
	}
	return nil
}

// homeOf is the file by which a thread comes back to our own cgroup.
func homeOf(entry string) (string, error) {
	own, err := OwnCgroup("pids")
	if err != nil {
		return "", err
	}
	return filepath.Join(MountOf("cgroup", "pids"), own, filepath.Base(entry)), nil
}
