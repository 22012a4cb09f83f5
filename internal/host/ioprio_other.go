//go:build !linux

package host

// setIOPriority does nothing here.
func setIOPriority(int, bool) {}
