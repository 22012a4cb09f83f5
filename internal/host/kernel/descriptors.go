package kernel

import "syscall"

// Share is how many connections may be open where so many are wanted: together they leave most
// of the descriptors to supervision.
func Share(wanted int) int {
	const part = 8
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return wanted
	}
	return max(min(wanted, int(min(limit.Cur, 1<<20))/part), 1)
}
