//go:build !linux

package host

import "time"

// KilledForMemory is not known here.
func KilledForMemory(int, time.Duration) bool { return false }
