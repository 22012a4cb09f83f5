// Package host is the inventory of every power that the sidecar has over the machine. Each folder
// below it is one of them: kernel, fsys, procfs, cgroup, netblock, procs, sampling, inspect. What is
// tested with real processes across several of them is tested here.
//
// Linux is the full platform. The files ending in _other.go keep the sidecar usable for
// development elsewhere and say plainly what they cannot do.
package host
