package supervisor

import (
	"context"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// Spawner makes processes.
type Spawner interface {
	// Prepare makes ready what the next run of an agent needs.
	Prepare(agent config.Agent) (PreparedRun, error)
	// Tell writes an agent's mode where it can read it.
	Tell(agent, mode string) error
	// Reopen finds what is left of a run that an earlier sidecar started; fact is the one
	// that it wrote down, nil for none. The process is set when something is: the run
	// itself when it was found alive, else what outlived its leader and must be ended.
	Reopen(agent config.Agent, fact *heal.RunFact) (Process, heal.Found)
}

// PreparedRun is where a run will live: its name, its folder, its files and its cgroup.
type PreparedRun interface {
	// Start begins the run. The context is looked at last before the program runs.
	// Whatever the outcome, the berth is used up.
	Start(ctx context.Context, run int) (Process, error)
	// Discard gives an unused berth back.
	Discard()
}

// Process is one run with everything that descends from it.
type Process interface {
	Fact() heal.RunFact
	// Exited yields how the leader ended; nil for one that is not our child.
	Exited() <-chan heal.Exit
	// Foreign reports that the leader is not our child.
	Foreign() bool
	// Populated reports, quickly, that something of the run is left; where it cannot
	// be told quickly it is false.
	Populated() bool
	// Empty reports that nothing of the run is left.
	Empty() bool
	Signal(syscall.Signal) error
	SignalLeader(syscall.Signal) error
	SignalGroup(syscall.Signal) error
	Kill() error
	Members() []procfs.Identity
	// PIDs are the numbers of the members, to look at them.
	PIDs() []int
	// Group is the cgroup that lists the members by itself; nil where there is none.
	Cage() *cgroup.Group
	// Describe tells of the members, the leader first.
	Describe() []heal.Member
	Freeze() (string, error)
	Thaw() error
	// Continue lets go on what somebody else has stopped, and says what that is.
	Continue() ([]string, error)
	// Held says how the run is frozen and cut off, also by an earlier sidecar; empty for one
	// that is not.
	Held() string
	// Cut takes the network from the run, Reconnect gives it back.
	Cut() (string, error)
	Reconnect() error
	Limit(cgroup.Limits) (string, error)
	Slow(percent float64) (string, error)
	Lift() error
	InForce() []string
	// Planned reports that the run left the wish to be run again.
	Planned() bool
	// Glance takes down what cannot be seen any more when the leader has ended.
	Glance()
	// Succeed goes on with the process to which a leader that ended well handed over, as the run
	// with that number; false when there is none.
	Succeed(run int) (<-chan heal.Exit, bool)
	// OOMKills counts what the kernel killed for memory inside the run's limits.
	OOMKills() int
	// Leave ends what we do to the run all the time; limits and a freeze stay.
	Leave()
	// Close gives back what the run held; it must be empty.
	Close()
}

// Stdio gives the runs of one agent what they read and write, in place of its output files.
type Stdio interface {
	Begin(run int) (procs.Stdio, error)
	// Adopt goes on with a run that an earlier sidecar has begun.
	Adopt(run, pid int)
	// Heard returns when all that a run wrote can be read by detectors; its leader has ended.
	Heard(run int)
}

// Facts is told what became of the runs, in order.
type Facts interface {
	Started(agent string, run heal.RunFact)
	Exited(agent string, run int, exit heal.Exit, ordered bool)
	// Succeeded tells of a process to which the leader handed over before it ended.
	Succeeded(agent string, to heal.Member)
	// Left tells of processes that outlived their leader and are ended now.
	Left(agent string, members []heal.Member)
}
