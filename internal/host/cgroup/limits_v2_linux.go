package cgroup

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/containerd/cgroups/v3/cgroup2"
)

// controllers are what the limits need, withdrawn takes them back.
const controllers, withdrawn = "+cpu +memory +pids", "-cpu -memory -pids"

// applyV2 limits the run's own cage: in the v2 hierarchy a process is in one
// cgroup only, so a second one for limits would empty the cage.
func (l *Limiter) applyV2(limits Limits) (string, error) {
	if l.cage == nil {
		return "", errors.New("cannot limit: the run has no cgroup of its own")
	}
	if err := l.cage.enableControllers(limits.IO > 0); err != nil {
		return "", err
	}
	l.v2 = true
	if err := l.updateV2(limits); err != nil {
		return "", err
	}
	got := l.cage.readLimits(limits)
	if limits.PIDs > 0 {
		got.PIDs = l.tasks.limit()
	}
	return "cgroup v2: " + got.String(), nil
}

func (l *Limiter) updateV2(limits Limits) error {
	group, err := filepath.Rel(MountOf("cgroup2", ""), l.cage.dir)
	if err != nil {
		return fmt.Errorf("cannot find the run's cgroup: %w", err)
	}
	m, err := cgroup2.Load("/"+group, cgroup2.WithMountpoint(MountOf("cgroup2", "")))
	if err != nil {
		return fmt.Errorf("cannot open the run's cgroup: %w", err)
	}
	r := &cgroup2.Resources{}
	if limits.CPU > 0 {
		quota, period := int64(limits.CPU/100*cpuPeriod), uint64(cpuPeriod)
		r.CPU = &cgroup2.CPU{Max: cgroup2.NewCPUMax(&quota, &period)}
	}
	if limits.Memory > 0 {
		high := int64(min(limits.Memory, math.MaxInt64))
		r.Memory = &cgroup2.Memory{High: &high}
		if limits.Hard {
			r.Memory = &cgroup2.Memory{Max: &high}
		}
	}
	if limits.IO > 0 {
		r.IO = throttledV2(limits.IO)
	}
	if err := m.Update(r); err != nil {
		return fmt.Errorf("cannot set cgroup limits: %w", err)
	}
	return l.limitTasks(limits.PIDs)
}

// liftV2 writes "max" back; the cage itself stays for the run.
func (l *Limiter) liftV2() error {
	l.v2 = false
	l.cage.liftIO()
	return errors.Join(l.cage.write("cpu.max", "max"), l.cage.write("memory.high", "max"), l.cage.write("memory.max", "max"), l.tasks.Lift())
}

// enableControllers hands the controllers down to the cage, that of the disks only where it
// is wanted: not everybody gets it. Only a cgroup without processes of its own may do that,
// so where we sit in the way we move into a leaf of our own first.
func (c *Group) enableControllers(io bool) error {
	wanted := controllers
	if io {
		wanted += " +io"
	}
	return handDown(filepath.Dir(c.dir), wanted)
}

// handDown gives controllers to the cgroups below ours.
func handDown(ours, wanted string) error {
	top := filepath.Dir(ours)
	err := os.WriteFile(filepath.Join(top, "cgroup.subtree_control"), []byte(wanted), 0)
	if errors.Is(err, syscall.EBUSY) {
		own := filepath.Join(top, leaf)
		if mkErr := os.Mkdir(own, 0o755); mkErr != nil && !errors.Is(mkErr, os.ErrExist) {
			return fmt.Errorf("cannot make a leaf for the sidecar: %w", mkErr)
		}
		if mvErr := os.WriteFile(filepath.Join(own, "cgroup.procs"), []byte(strconv.Itoa(os.Getpid())), 0); mvErr != nil {
			return fmt.Errorf("cannot move the sidecar into its leaf: %w", mvErr)
		}
		err = os.WriteFile(filepath.Join(top, "cgroup.subtree_control"), []byte(wanted), 0)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(ours, "cgroup.subtree_control"), []byte(wanted), 0)
	}
	if err != nil {
		return fmt.Errorf("cannot hand down cgroup controllers: %w", err)
	}
	return nil
}

// readLimits says what the kernel holds now of the limits that were asked for.
func (c *Group) readLimits(asked Limits) Limits {
	var got Limits
	var quota, period float64
	if b, err := os.ReadFile(filepath.Join(c.dir, "cpu.max")); err == nil && asked.CPU > 0 {
		if n, _ := fmt.Sscan(string(b), &quota, &period); n == 2 && period > 0 {
			got.CPU = 100 * quota / period
		}
	}
	file := "memory.high"
	if asked.Hard {
		file = "memory.max"
	}
	if b, err := os.ReadFile(filepath.Join(c.dir, file)); err == nil && asked.Memory > 0 {
		_, _ = fmt.Sscan(string(b), &got.Memory)
	}
	if asked.IO > 0 {
		got.IO = c.readIO()
	}
	return got
}

// MakeRoom takes the controllers back that an earlier sidecar handed down below the
// cgroup of our service, so that the service manager may put a process into it
// again: the kernel allows only one of the two. The limits of runs that live on
// are gone until the next sidecar adopts them. It must run outside that cgroup, as
// the commands after a stop of a delegated service do.
func MakeRoom() error {
	own, err := OwnCgroup("")
	if err != nil {
		return err
	}
	unit := filepath.Join(MountOf("cgroup2", ""), filepath.Dir(own))
	ours, err := filepath.Glob(filepath.Join(unit, CagesPrefix+"*"))
	if err != nil {
		return fmt.Errorf("cannot list cgroups: %w", err)
	}
	for _, dir := range append(ours, unit) {
		_ = os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("-io"), 0) // seldom handed down
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(withdrawn), 0); err != nil {
			return fmt.Errorf("cannot take controllers back: %w", err)
		}
	}
	return nil
}
