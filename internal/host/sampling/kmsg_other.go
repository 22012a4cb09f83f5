//go:build !linux

package sampling

import "time"

// OOMKillsOfHost is not known here.
func OOMKillsOfHost() (n int, ok bool) { return 0, false }

// KilledForMemory is not known here.
func KilledForMemory(int, time.Duration) bool { return false }
