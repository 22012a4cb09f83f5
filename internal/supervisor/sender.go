package supervisor

import (
	"slices"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/sampling"
)

// faults are signals that the kernel sends to a process for what it does itself.
var faults = []string{"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP", "SIGXCPU", "SIGXFSZ"}

// sender says who sent the signal that ended a run, as far as that can be known. What
// somebody else has sent leaves no trace.
func sender(e heal.Exit, ordered bool) string {
	switch {
	case e.Signal == "":
		return ""
	case ordered:
		return "us"
	case e.OOM || slices.Contains(faults, e.Signal):
		return "kernel"
	}
	return "unknown"
}

// killedForMemory asks the kernel's log about a kill that no cgroup of ours counts: that
// of a machine which has no memory left.
func (u *unit) killedForMemory(e heal.Exit) bool {
	if e.Signal != "SIGKILL" {
		return false
	}
	if n, ok := sampling.OOMKillsOfHost(); ok && u.oomKnown && n == u.oomKills {
		return false // nobody was: the log need not be read
	}
	fact := u.process.Fact()
	// The log's clock does not advance while the machine is suspended.
	suspended := kernel.SinceBoot() - kernel.Monotonic()
	return sampling.KilledForMemory(fact.PID, kernel.StartedAt(fact.StartTicks)-suspended)
}
