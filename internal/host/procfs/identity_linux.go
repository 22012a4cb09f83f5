package procfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/kernel"
)

// BootID names the present boot of the machine; empty where the kernel hides it.
var BootID = sync.OnceValue(func() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
})

// ReadStat asks the kernel about a process. ErrGone means that it has ended.
func ReadStat(pid int) (Stat, error) {
	var buf [512]byte
	n, err := ReadSmall("/proc/"+strconv.Itoa(pid)+"/stat", buf[:])
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return Stat{}, ErrGone
	}
	if err != nil {
		return Stat{}, fmt.Errorf("cannot observe process %d: %w", pid, err)
	}
	return parseStat(buf[:n])
}

// Age is for how long a process has existed, time in which the machine was suspended included.
func Age(pid int) (time.Duration, error) {
	s, err := ReadStat(pid)
	if err != nil {
		return 0, err
	}
	return kernel.SinceBoot() - kernel.StartedAt(s.Start), nil
}

// ReadMost is readSmall for a file that nearly always fits into the buffer.
func ReadMost(path string, buf []byte) ([]byte, error) {
	n, err := ReadSmall(path, buf)
	switch {
	case err != nil: // n is -1
		return nil, err
	case n == len(buf):
		return os.ReadFile(path)
	}
	return buf[:n], nil
}

// ReadSmall reads a kernel file in one call, without the growing buffer and the
// poller of os.ReadFile: samples read hundreds of these.
func ReadSmall(path string, buf []byte) (int, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return unix.Read(fd, buf)
}

// Signal sends a signal to exactly this process: the pidfd is opened first and
// the start time compared after, so a reused number is never hit.
func (id Identity) Signal(sig syscall.Signal) error {
	if id.PID <= 1 {
		return fmt.Errorf("cannot signal process %d: refused", id.PID)
	}
	fd, err := unix.PidfdOpen(id.PID, 0)
	if err == unix.ESRCH {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("cannot open process %d: %w", id.PID, err)
	}
	defer unix.Close(fd)
	if alive, err := id.Alive(); err != nil || !alive {
		return errors.Join(ErrGone, err)
	}
	switch err := unix.PidfdSendSignal(fd, sig, nil, 0); err {
	case nil:
		return nil
	case unix.ESRCH:
		return ErrGone
	default:
		return fmt.Errorf("cannot signal process %d: %w", id.PID, err)
	}
}
