//go:build !linux

package procfs

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// SignalGroup sends a signal to the process group that this process leads.
func (id Identity) SignalGroup(sig syscall.Signal) error {
	if alive, err := id.Alive(); err != nil || !alive {
		return errors.Join(ErrGone, err)
	}
	return syscall.Kill(-id.PID, sig)
}

// FateOf says what a process does with a signal that it gets; that cannot be seen here.
func FateOf(int, syscall.Signal) Fate { return FateDefault }

// ForegroundOfTerminal reports that we belong to the foreground of our controlling terminal; hungUp
// that it is gone.
func ForegroundOfTerminal() (foreground, hungUp bool) { return false, false }

// RaiseDefault lets a signal do to us what it does to a program that does not know it.
func RaiseDefault(sig syscall.Signal) {
	signal.Reset(sig)
	_ = syscall.Kill(os.Getpid(), sig)
}

// DieBy ends this process by a signal. It returns where a signal cannot end us.
func DieBy(sig syscall.Signal) { RaiseDefault(sig) }
