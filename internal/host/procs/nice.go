package procs

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/procfs"
)

// Renice changes the priority of every process of the tree. Lowering it is
// allowed to everybody, but only root can raise it again, so without root it is
// refused: a throttle must be possible to undo.
func (t *Tree) Renice(nice int) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("cannot change priority: without root it could not be undone")
	}
	for _, id := range t.Members() {
		if err := unix.Setpriority(unix.PRIO_PROCESS, id.PID, nice); err != nil && err != unix.ESRCH {
			return fmt.Errorf("cannot change priority of process %d: %w", id.PID, err)
		}
		procfs.SetIOPriority(id.PID, nice > 0)
	}
	return nil
}
