//go:build !linux

package cgroup

import (
	"time"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
)

// Groups is empty here: there are no cgroups.
type Groups struct{ Dir, Why string }

// Tasks limits nothing here.
type Tasks struct {
	Pool, Share int64
	Why         string
}

// RunTasks is never made here.
type RunTasks struct{}

// ReserveThreads does nothing here: nothing keeps agents from taking all threads.
func ReserveThreads() {}

// LimitTasks cannot limit anything here.
func (c *Groups) LimitTasks(string) {}

// Tasks says that nothing is limited.
func (c *Groups) Tasks() Tasks { return Tasks{Why: "no limit on tasks: no cgroups on this system"} }

// RunTasks returns no limit.
func (c *Groups) RunTasks(string, *Group) (*RunTasks, error) { return nil, nil }

// Entry is empty: no limit.
func (r *RunTasks) Entry() string { return "" }

// HoldUser does nothing.
func (r *RunTasks) HoldUser(int) {}

// Take does nothing.
func (r *RunTasks) Take(interface{ Scan() []procfs.Identity }) {}

// Remove does nothing.
func (r *RunTasks) Remove() {}

func Below(_ string, do func()) error {
	do()
	return nil
}

// Group is never made here.
type Group struct{}

// Open says that there are no cgroups.
func Open(string) *Groups { return &Groups{Why: "best effort: no cgroups on this system"} }

// Sweep has nothing to remove here.
func (c *Groups) Sweep() {}

// Close does nothing.
func (c *Groups) Close() {}

// New returns no cage.
func (c *Groups) New(string) (*Group, error) { return nil, nil }

// Find has nothing to find here.
func Find(string) (*Group, error) { return nil, nil }

// Dir is empty: no cage.
func (c *Group) Dir() string { return "" }

// FD is negative: no cage.
func (c *Group) FD() int { return -1 }

// Remove does nothing.
func (c *Group) Remove() {}

// PIDs has nobody to list.
func (c *Group) PIDs() []int { return nil }

func (c *Group) Populated() bool            { return false }
func (c *Group) Kill()                      {}
func (c *Group) freeze(time.Duration) error { return kernel.ErrUnsupported }
func (c *Group) Frozen() bool               { return false }
func (c *Group) thaw() error                { return kernel.ErrUnsupported }

// Of finds nothing here.
func Of(int) (*Group, error) { return nil, kernel.ErrUnsupported }

// Freeze needs Linux.
func (c *Group) Freeze() error { return kernel.ErrUnsupported }

// Thaw needs Linux.
func (c *Group) Thaw() error { return kernel.ErrUnsupported }

// Join needs Linux.
func Join(int, int) error { return kernel.ErrUnsupported }
