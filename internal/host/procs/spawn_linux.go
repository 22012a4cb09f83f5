package procs

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// sysProcAttr gives every child its own session, so that no signal to our group
// or terminal reaches it and none to its group reaches us. handle takes its pidfd.
func sysProcAttr(c Command, handle *int) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true, Setctty: c.TTY, PidFD: handle}
	if c.TTY && c.Stdin != c.Stdout {
		attr.Ctty = 1 // what it reads is something else
	}
	if c.Cgroup >= 0 {
		attr.UseCgroupFD, attr.CgroupFD = true, c.Cgroup
	}
	return attr
}

// forkExec starts a program. Where the kernel, or what plays it, knows no pidfd of a child it
// goes without.
func forkExec(path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	pid, err := syscall.ForkExec(path, argv, attr)
	if attr.Sys.PidFD != nil && (errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS)) {
		*attr.Sys.PidFD, attr.Sys.PidFD = -1, nil
		return syscall.ForkExec(path, argv, attr)
	}
	return pid, err
}

// whenEnded calls then as soon as the process behind a pidfd has ended. A SIGCHLD
// takes two more threads to arrive, which an agent that is down has to wait for.
// Where the kernel gave no pidfd, SIGCHLD has to do.
func whenEnded(handle int, then func()) {
	if handle < 0 || unix.SetNonblock(handle, true) != nil {
		return
	}
	f := os.NewFile(uintptr(handle), "pidfd")
	conn, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return
	}
	go func() {
		defer f.Close()
		_ = conn.Read(func(fd uintptr) bool {
			ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
			return ready > 0 || err != nil && err != unix.EINTR
		})
		then()
	}()
}

func openHandle(pid int) int {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1
	}
	return fd
}
