//go:build !linux

package inspect

import "runtime"

// examinations say what is missing on a system that is only for development.
var examinations = []examination{
	{"own cgroup for each run", "every descendant is found, frozen and ended by the kernel", onlyLinux},
	{"limits", "memory, cpu, processes and disks are held by the kernel", onlyLinux},
	{"network cut", "an isolated agent is cut off", onlyLinux},
	{"pidfd", "no signal ever reaches a number that was reused", onlyLinux},
	{"pressure triggers", "the kernel tells at once when processes wait", onlyLinux},
}

func onlyLinux() (Enforced, string, string) {
	return Missing, runtime.GOOS + " is for development only", "run in production on Linux"
}
