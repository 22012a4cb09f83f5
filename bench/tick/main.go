// Command tick is the agent of the restart benchmark: it does nothing but to write
// down when its main function began, so that little of the time is its own.
package main

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	f, err := os.OpenFile(os.Args[1], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		os.Exit(1)
	}
	_, err = f.WriteString(strconv.Itoa(os.Getpid()) + " " + strconv.FormatInt(ts.Nano(), 10) + "\n")
	if err != nil {
		os.Exit(1)
	}
	f.Close()
	time.Sleep(time.Hour)
}
