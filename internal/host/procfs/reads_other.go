//go:build !linux

package procfs

// Reads is not known here.
func Reads([]int) Asked { return ReadsNothing }
