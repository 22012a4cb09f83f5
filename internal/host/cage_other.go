//go:build !linux

package host

import "time"

// Cages is empty here: there are no cgroups.
type Cages struct{ Dir, Why string }

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
func (c *Cages) LimitTasks(string) {}

// Tasks says that nothing is limited.
func (c *Cages) Tasks() Tasks { return Tasks{Why: "no limit on tasks: no cgroups on this system"} }

// RunTasks returns no limit.
func (c *Cages) RunTasks(string, *Cage) (*RunTasks, error) { return nil, nil }

// Entry is empty: no limit.
func (r *RunTasks) Entry() string { return "" }

// HoldUser does nothing.
func (r *RunTasks) HoldUser(int) {}

// Take does nothing.
func (r *RunTasks) Take(interface{ Scan() []Identity }) {}

// Remove does nothing.
func (r *RunTasks) Remove() {}

func below(_ string, do func()) error {
	do()
	return nil
}

// Cage is never made here.
type Cage struct{}

// OpenCages says that there are no cgroups.
func OpenCages(string) *Cages { return &Cages{Why: "best effort: no cgroups on this system"} }

// Sweep has nothing to remove here.
func (c *Cages) Sweep() {}

// Close does nothing.
func (c *Cages) Close() {}

// New returns no cage.
func (c *Cages) New(string) (*Cage, error) { return nil, nil }

// FindCage has nothing to find here.
func FindCage(string) (*Cage, error) { return nil, nil }

// Dir is empty: no cage.
func (c *Cage) Dir() string { return "" }

// FD is negative: no cage.
func (c *Cage) FD() int { return -1 }

// Remove does nothing.
func (c *Cage) Remove() {}

// PIDs has nobody to list.
func (c *Cage) PIDs() []int { return nil }

func (c *Cage) populated() bool            { return false }
func (c *Cage) kill()                      {}
func (c *Cage) freeze(time.Duration) error { return ErrUnsupported }
func (c *Cage) frozen() bool               { return false }
func (c *Cage) thaw() error                { return ErrUnsupported }

// CageOf finds nothing here.
func CageOf(int) (*Cage, error) { return nil, ErrUnsupported }

// Freeze needs Linux.
func (c *Cage) Freeze() error { return ErrUnsupported }

// Thaw needs Linux.
func (c *Cage) Thaw() error { return ErrUnsupported }

// Join needs Linux.
func Join(int, int) error { return ErrUnsupported }
