package procs

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
)

const (
	// statusFor is how long the parent of a process may take to reap it: only then
	// the kernel tells others how it ended. statusEvery is how often it is asked.
	statusFor, statusEvery = 5 * time.Second, 20 * time.Millisecond
)

// Watch yields how a process ended that is not our child. Where the kernel does not
// tell (before Linux 6.15), or the parent never asks, the exit is unknown.
func Watch(id procfs.Identity) (<-chan heal.Exit, error) {
	fd, err := unix.PidfdOpen(id.PID, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot watch process %d: %w", id.PID, err)
	}
	if alive, err := id.Alive(); err != nil || !alive {
		unix.Close(fd)
		return nil, fmt.Errorf("cannot watch process %d: %w", id.PID, procfs.ErrGone)
	}
	keep, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("cannot watch process %d: %w", id.PID, err)
	}
	exited := make(chan heal.Exit, 1)
	asked := os.NewFile(uintptr(keep), "pidfd")
	whenEnded(fd, func() {
		defer asked.Close()
		exited <- askStatus(int(asked.Fd()))
	})
	return exited, nil
}

// askStatus asks for the exit status until the kernel knows it.
func askStatus(fd int) heal.Exit {
	for waited := time.Duration(0); waited < statusFor; waited += statusEvery {
		info := unix.PidfdInfo{Mask: unix.PIDFD_INFO_EXIT}
		if err := unix.IoctlPidfdInfo(fd, &info); err != nil {
			break // an older kernel, or nobody may know
		}
		if info.Mask&unix.PIDFD_INFO_EXIT != 0 {
			return exitOf(syscall.WaitStatus(info.Exit_code))
		}
		time.Sleep(statusEvery)
	}
	return heal.Exit{Unknown: true}
}
