//go:build !linux

package procfs

// SetIOPriority does nothing here.
func SetIOPriority(int, bool) {}
