//go:build !linux

package procs

import "syscall"

// sysProcAttr gives every child its own session.
func sysProcAttr(Command, *int) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// whenEnded does nothing here: SIGCHLD tells of every end.
func whenEnded(int, func()) {}

func openHandle(int) int { return -1 }

func forkExec(path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	return syscall.ForkExec(path, argv, attr)
}
