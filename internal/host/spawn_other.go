//go:build !linux

package host

import "syscall"

// sysProcAttr gives every child its own session.
func sysProcAttr(Command) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
