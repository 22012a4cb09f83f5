//go:build !linux

package kernel

import "runtime/debug"

// ReleaseStartupPages gives back the heap that only starting needed.
func ReleaseStartupPages() int {
	debug.FreeOSMemory()
	return 0
}
