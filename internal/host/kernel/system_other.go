//go:build !linux

package kernel

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ErrUnsupported says that the system lacks what is asked for.
var ErrUnsupported = errors.New("not available on this system")

var started = time.Now()

// SinceBoot counts from the start of this process; this system offers no clock
// that both survives a restart and ignores clock steps.
func SinceBoot() time.Duration { return time.Since(started) }

// BecomeSubreaper is not available here: a double fork escapes.
func BecomeSubreaper() error { return ErrUnsupported }

// FirstData is 0: nothing is ever released here.
func FirstData(*os.File) int64 { return 0 }

// PunchHole is not available here.
func PunchHole(*os.File, int64) error { return ErrUnsupported }

// PeerCredentials is not available here; the socket's mode 0600 decides alone.
func PeerCredentials(*net.UnixConn) (uid, pid int, err error) { return os.Getuid(), 0, nil }

const OpenNoFollow = unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC

// InheritedEnv is our environment.
func InheritedEnv() []string { return os.Environ() }

// ClearProcOverrides has nothing to clear here.
func ClearProcOverrides() {}

// SealDescriptors does nothing here.
func SealDescriptors() {}

// SignalByName returns the number of a signal as in SIGTERM; 0 when unknown.
func SignalByName(name string) syscall.Signal { return unix.SignalNum(name) }

// BehindTerminal reports that f is a terminal whose foreground belongs to somebody
// else.
func BehindTerminal(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group != unix.Getpgrp()
}

// IsJournal is false: there is no journal.
func IsJournal(*os.File) bool { return false }
