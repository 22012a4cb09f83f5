package host

import "syscall"

// sysProcAttr gives every child its own session, so that no signal to our group
// or terminal reaches it and none to its group reaches us.
func sysProcAttr(c Command) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if c.Cgroup >= 0 {
		attr.UseCgroupFD, attr.CgroupFD = true, c.Cgroup
	}
	return attr
}
