package host

import (
	"time"

	"golang.org/x/sys/unix"
)

// Monotonic is the clock in which a service manager wants to be told of moments; it
// stands still while the machine is suspended.
func Monotonic() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
