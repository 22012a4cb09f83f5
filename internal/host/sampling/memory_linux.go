package sampling

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
)

const (
	// groupFor is how long it is believed in which cgroup a tree is: limits may come later.
	groupFor = 10 * time.Second
	// shareEvery is how often shares of common memory are measured where nobody judges them,
	// shareCost how many times as long as it took nobody measures again where somebody does.
	shareEvery, shareCost = 30 * time.Second, 100
	// believedShare of what its largest process holds for itself must be charged to a cgroup
	// for it to be believed: what was touched before the limits came is charged elsewhere.
	believedShare = 0.5
)

// shares knows how much of the memory of a tree is its own. Pages that several processes have in
// common are counted once for each of them by what is resident, and walking them takes the kernel
// long: so the share is measured now and then, and applied to what is resident.
type shares struct {
	group string
	asked time.Duration
	// factor is the share, next when it is measured again.
	factor float64
	next   time.Duration
}

// memory is what the tree holds in bytes. resident is the sum over its processes; nil when it is
// not known.
func (s *shares) memory(at time.Duration, resident *float64, pids []int, judged bool) *float64 {
	if len(pids) == 0 {
		return resident
	}
	if s.asked == 0 || at-s.asked >= groupFor {
		s.asked, s.group = at, memoryGroup(pids[0])
	}
	if s.group != "" {
		if n, ok := charged(s.group); ok && n >= believedShare*largestOwn(pids) {
			return &n
		}
	}
	if resident == nil || len(pids) == 1 {
		return resident
	}
	if at >= s.next {
		s.measure(at, *resident, pids, judged)
	}
	n := *resident * s.factor
	return &n
}

// measure asks the kernel for the share of each process.
func (s *shares) measure(at time.Duration, resident float64, pids []int, judged bool) {
	begun := time.Now()
	s.factor = 1 // where it may not be known, the sum of what is resident is the most that it can be
	if n := pssOf(pids); n != nil && resident > 0 {
		s.factor = min(*n/resident, 1)
	}
	s.next = at + shareEvery
	if judged {
		s.next = at + min(shareCost*time.Since(begun), shareEvery)
	}
}

// memoryGroup is the folder of the cgroup of ours that a process is charged to; empty for none.
func memoryGroup(pid int) string {
	for _, g := range ownGroups(pid) {
		if _, ok := charged(g); ok {
			return g
		}
	}
	return ""
}

// charged is what a cgroup is charged in bytes, without the cache of files, which the kernel
// takes back when memory is short.
func charged(dir string) (float64, bool) {
	for _, v := range []struct{ usage, file string }{{"memory.current", ""}, {"memory.usage_in_bytes", "total_"}} {
		var buf [64]byte
		n, err := procfs.ReadSmall(filepath.Join(dir, v.usage), buf[:])
		if err != nil {
			continue
		}
		usage, err := strconv.ParseFloat(string(bytes.TrimSpace(buf[:n])), 64)
		stat, statErr := os.ReadFile(filepath.Join(dir, "memory.stat"))
		if err != nil || statErr != nil {
			return 0, false
		}
		cache := 0.0
		for line := range strings.Lines(string(stat)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			if name == v.file+"active_file" || name == v.file+"inactive_file" {
				size, _ := strconv.ParseFloat(value, 64)
				cache += size
			}
		}
		return max(usage-cache, 0), true
	}
	return 0, false
}

// largestOwn is the most that one of the processes holds and shares with no file and no other.
func largestOwn(pids []int) float64 {
	most := 0.0
	for _, pid := range pids {
		var buf [128]byte
		n, err := procfs.ReadSmall("/proc/"+strconv.Itoa(pid)+"/statm", buf[:])
		if err != nil {
			continue
		}
		var size, resident, shared float64
		if _, err := fmt.Sscan(string(buf[:n]), &size, &resident, &shared); err == nil {
			most = max(most, (resident-shared)*float64(os.Getpagesize()))
		}
	}
	return most
}

// ownGroups are the folders of the cgroups that a sidecar made for the run of a process. Those
// that we are in ourselves belong to our service.
func ownGroups(pid int) []string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
	if err != nil {
		return nil
	}
	ours, _ := os.ReadFile("/proc/self/cgroup")
	var dirs []string
	for line := range strings.Lines(string(b)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) < 3 || !strings.Contains(f[2], cgroup.OurCgroup) || bytes.Contains(ours, []byte(line)) {
			continue
		}
		kind := "cgroup"
		if f[1] == "" {
			kind = "cgroup2"
		}
		first, _, _ := strings.Cut(f[1], ",")
		if dir := cgroup.MountOf(kind, first); dir != "" {
			dirs = append(dirs, filepath.Join(dir, f[2]))
		}
	}
	return dirs
}

// zombiesEvery is how often ended children are looked for: it takes a look at all threads.
const zombiesEvery = 5 * time.Second

// zombies counts the ended children of a tree that nobody has waited for.
type zombies struct {
	next time.Duration
	n    int
}

func (z *zombies) count(at time.Duration, pids []int) int {
	if at < z.next {
		return z.n
	}
	z.next, z.n = at+zombiesEvery, 0
	for _, pid := range pids {
		for _, child := range procfs.ChildrenOf(pid) {
			if s, err := procfs.ReadStat(child); err == nil && s.Dead() {
				z.n++
			}
		}
	}
	return z.n
}

// MostProcesses is how many processes and threads we, and all that we start, may have.
func MostProcesses() int {
	ceiling.Lock()
	defer ceiling.Unlock()
	if now := time.Now(); ceiling.tasks == 0 || now.Sub(ceiling.at) > ceilingFor {
		most, _ := cgroup.TaskCeiling("")
		ceiling.tasks, ceiling.at = int(most), now
	}
	return ceiling.tasks
}

// ceilingFor is how long a look at the limits on tasks serves: a policy asks for every agent, and
// without privilege each look reads all processes of the host.
const ceilingFor = 5 * time.Second

var ceiling struct {
	sync.Mutex
	tasks int
	at    time.Time
}
