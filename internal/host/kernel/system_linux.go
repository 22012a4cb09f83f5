package kernel

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// SinceBoot is the monotonic clock that survives our own restart and counts
// suspended time.
func SinceBoot() time.Duration { return clock(unix.CLOCK_BOOTTIME) }

// BecomeSubreaper makes orphans of our children our own children, so that a
// double fork does not get out of sight.
func BecomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot become subreaper: %w", err)
	}
	return nil
}

// FirstData is where a file's blocks begin: what lies before was released. Where
// the file system cannot tell, it is 0.
func FirstData(f *os.File) int64 {
	const seekData = 3
	at, err := unix.Seek(int(f.Fd()), 0, seekData)
	if err == nil {
		return at
	}
	if end, err2 := unix.Seek(int(f.Fd()), 0, 2); err2 == nil && errors.Is(err, unix.ENXIO) {
		return end // nothing but holes
	}
	return 0
}

// PunchHole gives the disk blocks of [0, upto) of a file back; its size and the
// positions of its writers stay as they are.
func PunchHole(f *os.File, upto int64) error {
	const keepSize, punch = 0x1, 0x2
	if err := unix.Fallocate(int(f.Fd()), keepSize|punch, 0, upto); err != nil {
		return fmt.Errorf("cannot release the head of %s: %w", f.Name(), err)
	}
	return nil
}

// PeerCredentials asks the kernel who is at the other end of a unix socket.
func PeerCredentials(conn *net.UnixConn) (uid, pid int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, 0, fmt.Errorf("cannot read peer credentials: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err != nil || credErr != nil {
		return -1, 0, fmt.Errorf("cannot read peer credentials: %w", cmp.Or(err, credErr))
	}
	return int(cred.Uid), int(cred.Pid), nil
}

// OpenNoFollow are the flags with which a file somebody else can replace is opened.
const OpenNoFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY

// scrubbed are variables of our own service manager that no agent may inherit.
var scrubbed = []string{
	"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
	"CREDENTIALS_DIRECTORY", "JOURNAL_STREAM", "INVOCATION_ID", "MAINPID", "FDSTORE",
	"MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "SYSTEMD_EXEC_PID", "LISTEN_PIDFDID", "WATCHDOG_PIDFDID", "MAINPIDFDID",
}

// InheritedEnv is our environment without what belongs to us alone.
func InheritedEnv() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains(scrubbed, name) && !strings.HasPrefix(name, "HEALER_") {
			env = append(env, kv)
		}
	}
	return env
}

// ClearProcOverrides removes the variables by which somebody could point the
// sampling library at another /proc.
func ClearProcOverrides() {
	for _, name := range []string{"HOST_PROC", "HOST_SYS", "HOST_ETC", "HOST_VAR", "HOST_RUN", "HOST_DEV", "HOST_ROOT", "HOST_PROC_MOUNTINFO"} {
		_ = os.Unsetenv(name)
	}
}

// SealDescriptors keeps what we inherited beside our own input and output from all that we
// start (FAULTS.md A39).
func SealDescriptors() { _ = unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) }

// SignalByName returns the number of a signal as in SIGTERM; 0 when unknown.
func SignalByName(name string) syscall.Signal { return unix.SignalNum(name) }

// BehindTerminal reports that f is a terminal whose foreground belongs to somebody
// else.
func BehindTerminal(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group != unix.Getpgrp()
}

// IsJournal reports that a file is the stream by which systemd takes what this process writes
// into the journal (systemd.exec(5), JOURNAL_STREAM).
func IsJournal(f *os.File) bool {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return false
	}
	return os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
