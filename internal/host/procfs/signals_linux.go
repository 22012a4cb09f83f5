package procfs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SignalGroup sends a signal to the process group that this process leads.
func (id Identity) SignalGroup(sig syscall.Signal) error {
	if id.PID <= 1 {
		return fmt.Errorf("cannot signal group %d: refused", id.PID)
	}
	if alive, err := id.Alive(); err != nil || !alive {
		return errors.Join(ErrGone, err)
	}
	if err := unix.Kill(-id.PID, sig); err != nil {
		return fmt.Errorf("cannot signal group %d: %w", id.PID, err)
	}
	return nil
}

// FateOf says what a process does with a signal that it gets.
func FateOf(pid int, sig syscall.Signal) Fate {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	switch {
	case err != nil:
		return FateDefault
	case inMask(status, "SigIgn:", sig):
		return FateIgnored
	case inMask(status, "SigCgt:", sig):
		return FateCaught
	}
	return FateDefault
}

// inMask reports that a signal is in one of the masks of a status file.
func inMask(status []byte, name string, sig syscall.Signal) bool {
	for line := range bytes.Lines(status) {
		hex, is := bytes.CutPrefix(line, []byte(name))
		if !is {
			continue
		}
		mask, err := strconv.ParseUint(string(bytes.TrimSpace(hex)), 16, 64)
		return err == nil && mask&(1<<(uint(sig)-1)) != 0
	}
	return false
}

// ForegroundOfTerminal reports that we belong to the foreground of our controlling terminal, so that
// a signal of the keyboard reaches us; hungUp that we have one which is gone.
func ForegroundOfTerminal() (foreground, hungUp bool) {
	fd, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, errors.Is(err, unix.EIO)
	}
	defer unix.Close(fd)
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp(), errors.Is(err, unix.EIO)
}

// sigaction is what the kernel takes; zero means the default action.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// RaiseDefault lets a signal do to us what it does to a program that does not know it. It returns
// when that is nothing, or when a process that was stopped by it is continued.
func RaiseDefault(sig syscall.Signal) {
	runtime.LockOSThread() // a signal to our own thread has acted when the call returns
	defer runtime.UnlockOSThread()
	var action, was sigaction
	if setAction(sig, &action, &was) != 0 {
		return
	}
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), sig)
	setAction(sig, &was, nil)
}

func setAction(sig syscall.Signal, action, was *sigaction) syscall.Errno {
	if sig == unix.SIGKILL || sig == unix.SIGSTOP {
		return 0
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(action)),
		uintptr(unsafe.Pointer(was)), unsafe.Sizeof(action.mask), 0, 0)
	return errno
}

// DieBy ends this process by a signal, so that who waits for it sees the end of the program that it
// wraps. No core is left: there is nothing of interest in ours. It returns where a signal cannot end
// us, as in the first process of a container.
func DieBy(sig syscall.Signal) {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	RaiseDefault(sig)
}
