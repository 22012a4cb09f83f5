package drill

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
)

// Target is the agent that is drilled.
type Target struct {
	Agent  string
	Leader procfs.Identity
	// File is the configuration that may be spoiled, Disk the folder whose disk may be filled;
	// empty for none.
	File, Disk string
	// Most bounds what a leak takes, in bytes.
	Most uint64
	// Self is our own program, which plays the load.
	Self string
}

// Fault is one that can be put into an agent.
type Fault struct {
	Name, What string
	// Harmless says that nothing should follow.
	Harmless bool
	// inject puts it in and returns what takes it back, which may be called more than once.
	inject func(context.Context, Target) (undo func(), err error)
}

// Faults are all, in the order in which a drill of all goes through them.
var Faults = []Fault{
	{"flood", "lines, as fast as they can be written, in its output", true, flood},
	{"kill", "SIGKILL to its first process", false, kill},
	{"stop", "SIGSTOP to its first process", false, stop},
	{"hang", "all of it stops in the middle of what it does", false, hang},
	{"cpu", "a process of it that burns every core", false, burn},
	{"leak", "a process of it that takes more and more memory", false, leak},
	{"badconfig", "a configuration file that is garbage, and a new start", false, badConfig},
	{"fulldisk", "a disk without space", false, fullDisk},
	{"dependency", "no way to reach anybody by network", false, unreachable},
}

// Find returns a fault by its name.
func Find(name string) (Fault, bool) {
	for _, f := range Faults {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// ErrUnfit says why a fault cannot be put into this agent here.
var ErrUnfit = errors.New("it cannot be injected here")

func unfit(why string) error { return fmt.Errorf("%w: %s", ErrUnfit, why) }

// Inject puts the fault in. Undo takes it back and must be called.
func (f Fault) Inject(ctx context.Context, t Target) (undo func(), err error) {
	return f.inject(ctx, t)
}

func kill(_ context.Context, t Target) (func(), error) {
	return func() {}, t.Leader.Signal(syscall.SIGKILL)
}

func stop(_ context.Context, t Target) (func(), error) {
	return func() { _ = t.Leader.Signal(syscall.SIGCONT) }, t.Leader.Signal(syscall.SIGSTOP)
}

// hang freezes the cgroup: to a look from outside everything sleeps and does nothing.
func hang(_ context.Context, t Target) (func(), error) {
	cage, err := cgroup.Of(t.Leader.PID)
	if err != nil {
		return nil, unfit("its processes have no cgroup v2 of their own: " + err.Error())
	}
	return func() { _ = cage.Thaw() }, cage.Freeze()
}

func unreachable(_ context.Context, t Target) (func(), error) {
	cage, err := cgroup.Of(t.Leader.PID)
	if err != nil {
		return nil, unfit("its processes have no cgroup v2 of their own: " + err.Error())
	}
	cuts := netblock.Open("drill")
	network := netblock.Network{Cage: cage}
	if _, err := cuts.Block(t.Agent, t.Leader.PID, network); err != nil {
		return nil, unfit(err.Error())
	}
	return func() { _ = cuts.Unblock(t.Agent, network) }, nil
}
