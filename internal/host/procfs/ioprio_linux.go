package procfs

import "golang.org/x/sys/unix"

// The words of ioprio_set(2): one process, the class of those that share, its last place.
const ioprioProcess, bestEffort, last = 1, 2 << 13, 7

// SetIOPriority puts a process last where disks are shared, or back to where its nice level
// puts it. A scheduler that knows no priorities ignores it.
func SetIOPriority(pid int, low bool) {
	value := 0
	if low {
		value = bestEffort | last
	}
	_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, ioprioProcess, uintptr(pid), uintptr(value))
}
