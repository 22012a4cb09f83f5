package actions

import (
	"context"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/sampling"
)

// Units is the power over the agents' processes.
type Units interface {
	Start(ctx context.Context, agent string) error
	Stop(ctx context.Context, agent string) error
	// StopBy is Stop; a signal that is not 0 takes the place of the policy's, and nothing is
	// drained before.
	StopBy(ctx context.Context, agent string, sig syscall.Signal) error
	// Freeze holds the whole tree, cut off the network where the policy says so.
	Freeze(agent string) (string, error)
	Thaw(agent string) error
	// Continue lets those processes of a running tree go on that somebody else has stopped, and
	// says which; nothing where there are none.
	Continue(agent string) ([]string, error)
	Limit(agent string, l cgroup.Limits) (string, error)
	Slow(agent string, percent float64) (string, error)
	Lift(agent string) error
	// Dress puts on an agent what remedies ask for, from its next start; Dressed is what it
	// has on.
	Dress(agent string, d config.Overlays) error
	Dressed(agent string) config.Overlays
	SignalAgent(agent string, sig syscall.Signal) error
	Status(agent string) heal.ProcessStatus
	Members() map[string][]procfs.Identity
}

// Readings is what the agents use now.
type Readings interface {
	Usage(agent string) (sampling.Usage, bool)
}
