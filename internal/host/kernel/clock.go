package kernel

import (
	"time"

	"golang.org/x/sys/unix"
)

// TicksPerSecond is the unit of times in /proc; it is 100 on every platform that Linux
// runs Go programs on (USER_HZ).
const TicksPerSecond = 100

// StartedAt is the time since boot at which a process began that was started at a tick.
func StartedAt(ticks uint64) time.Duration {
	return time.Duration(ticks) * time.Second / TicksPerSecond
}

// clock reads one of the kernel's clocks; 0 when it does not have it.
func clock(id int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(id, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// Monotonic is the clock in which a service manager wants to be told of moments; it
// does not advance while the machine is suspended.
func Monotonic() time.Duration { return clock(unix.CLOCK_MONOTONIC) }
