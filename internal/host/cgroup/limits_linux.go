package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/containerd/cgroups/v3"
	"github.com/containerd/cgroups/v3/cgroup1"
	specs "github.com/opencontainers/runtime-spec/specs-go"

	"healer-sidecar/internal/host/procfs"
)

// cpuPeriod is the kernel's usual bandwidth period, in microseconds.
const cpuPeriod = 100000

// Limiter holds one run inside resource limits by cgroup. It belongs to one
// goroutine.
type Limiter struct {
	name string
	run  interface{ Scan() []procfs.Identity }
	cage *Group
	// tasks limits the number of tasks; nil where nothing can.
	tasks *RunTasks
	v1    cgroup1.Cgroup
	v2    bool
}

// NewLimiter prepares limits for a run; nothing is changed before Apply. name
// must be unique on the host.
func NewLimiter(name string, run interface{ Scan() []procfs.Identity }, cage *Group, tasks *RunTasks) *Limiter {
	return &Limiter{name: name, run: run, cage: cage, tasks: tasks}
}

// limitTasks limits the number of tasks where that is asked for.
func (l *Limiter) limitTasks(n int64) error {
	if n == 0 {
		return l.tasks.Lift()
	}
	l.tasks.take(l.run.Scan())
	return l.tasks.Declare(n)
}

// RemoveLimits removes the limits that an earlier sidecar gave to a run of which
// nothing is left.
func RemoveLimits(name string) {
	if UnifiedCgroups() {
		return // they went with the run's own cgroup
	}
	if cg, err := cgroup1.Load(cgroup1.NestedPath("/"+name), cgroup1.WithHierarchy(limitHierarchy)); err == nil {
		_ = cg.Delete()
	}
}

// UnifiedCgroups reports whether resource limits go through cgroup v2.
func UnifiedCgroups() bool { return cgroups.Mode() == cgroups.Unified }

// Apply puts every process of the run under the limits, reads back what the
// kernel holds now, and says by which means.
func (l *Limiter) Apply(limits Limits) (string, error) {
	if UnifiedCgroups() {
		return l.applyV2(limits)
	}
	return l.applyV1(limits)
}

func (l *Limiter) applyV1(limits Limits) (string, error) {
	if err := l.limitTasks(limits.PIDs); err != nil {
		return "", err
	}
	if l.v1 == nil && limits.onlyTasks() {
		return "cgroup v1: " + l.readBackV1(limits), nil
	}
	spec := specOf(limits)
	if l.v1 == nil {
		cg, err := cgroup1.New(cgroup1.NestedPath("/"+l.name), spec, cgroup1.WithHierarchy(limitHierarchy))
		if err != nil {
			return "", fmt.Errorf("cannot make cgroup: %w", err)
		}
		l.v1 = cg
	} else if err := l.v1.Update(spec); err != nil {
		return "", fmt.Errorf("cannot change cgroup: %w", err)
	}
	for range 10 {
		if moved := l.moveV1(); moved == 0 {
			break
		}
	}
	return "cgroup v1: " + l.readBackV1(limits), nil
}

// moveV1 adds the members that are not inside yet; children born meanwhile are
// found by the next call.
func (l *Limiter) moveV1() int {
	inside := map[int]bool{}
	if procs, err := l.v1.Processes(cgroup1.Cpu, true); err == nil {
		for _, p := range procs {
			inside[p.Pid] = true
		}
	}
	moved := 0
	for _, id := range l.run.Scan() {
		if !inside[id.PID] && l.v1.AddProc(uint64(id.PID)) == nil {
			moved++
		}
	}
	return moved
}

// limitHierarchy names the v1 controllers we use, and only those that are mounted.
func limitHierarchy() ([]cgroup1.Subsystem, error) {
	all, err := cgroup1.Default()
	if err != nil {
		return nil, err
	}
	var ours []cgroup1.Subsystem
	for _, s := range all {
		if n := s.Name(); n == cgroup1.Cpu || n == cgroup1.Memory || n == cgroup1.Blkio {
			ours = append(ours, s)
		}
	}
	return ours, nil
}

func specOf(limits Limits) *specs.LinuxResources {
	r := &specs.LinuxResources{}
	if limits.CPU > 0 {
		quota, period := int64(limits.CPU/100*cpuPeriod), uint64(cpuPeriod)
		r.CPU = &specs.LinuxCPU{Quota: &quota, Period: &period}
	}
	if limits.Memory > 0 {
		bytes := int64(limits.Memory)
		r.Memory = &specs.LinuxMemory{Limit: &bytes}
	}
	if limits.IO > 0 {
		r.BlockIO = throttled(limits.IO)
	}
	return r
}

// readBackV1 says what the kernel holds, not what was asked for.
func (l *Limiter) readBackV1(limits Limits) string {
	got := Limits{}
	if limits.CPU > 0 {
		got.CPU = 100 * float64(l.readV1("cpu", "cpu.cfs_quota_us")) / cpuPeriod
	}
	if limits.Memory > 0 {
		got.Memory = uint64(max(l.readV1("memory", "memory.limit_in_bytes"), 0))
	}
	if limits.PIDs > 0 {
		got.PIDs = l.tasks.limit()
	}
	if limits.IO > 0 {
		got.IO = l.readIOV1()
	}
	return got.String()
}

func (l *Limiter) readV1(controller, file string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(l.textV1(controller, file)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// textV1 is a file of the run's cgroup in one hierarchy; empty when it cannot be read.
func (l *Limiter) textV1(controller, file string) string {
	own, err := OwnCgroup(controller)
	if err != nil {
		return ""
	}
	b, err := os.ReadFile(filepath.Join(MountOf("cgroup", controller), own, l.name, file))
	if err != nil {
		return ""
	}
	return string(b)
}

// OOMKills counts the processes that the kernel killed for memory inside the
// limits; it proves an OOM kill where a plain SIGKILL proves nothing.
func (l *Limiter) OOMKills() int {
	if l == nil {
		return 0
	}
	if l.v2 {
		return l.cage.oomKills()
	}
	if l.v1 == nil {
		return 0
	}
	own, err := OwnCgroup("memory")
	if err != nil {
		return 0
	}
	n, _ := KeyedCount(filepath.Join(MountOf("cgroup", "memory"), own, l.name, "memory.oom_control"), "oom_kill")
	return int(n)
}

// Remove lifts the limits and gives the cgroups back; what is inside moves to
// our own cgroup's level.
func (l *Limiter) Remove() error {
	if l.v2 {
		return l.liftV2()
	}
	if err := l.tasks.Lift(); err != nil {
		return err
	}
	if l.v1 == nil {
		return nil
	}
	parent, err := cgroup1.Load(cgroup1.NestedPath(""), cgroup1.WithHierarchy(limitHierarchy))
	if err != nil {
		return fmt.Errorf("cannot find our own cgroup: %w", err)
	}
	for _, id := range l.run.Scan() {
		if err := parent.AddProc(uint64(id.PID)); err != nil {
			return fmt.Errorf("cannot move process out of cgroup: %w", err)
		}
	}
	if err := l.v1.Delete(); err != nil {
		return fmt.Errorf("cannot remove cgroup: %w", err)
	}
	l.v1 = nil
	return nil
}
