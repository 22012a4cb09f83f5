package sampling

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// kmsgRecord is the longest record of the kernel's log, kmsgMost how many of them
	// are looked at.
	kmsgRecord, kmsgMost = 8192, 20000
)

// OOMKillsOfHost counts what the kernel killed for want of memory since boot; false where
// it does not say.
func OOMKillsOfHost() (n int, ok bool) {
	b, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return 0, false
	}
	_, rest, found := bytes.Cut(b, []byte("\noom_kill "))
	value, _, _ := bytes.Cut(rest, []byte("\n"))
	n, err = strconv.Atoi(string(value))
	return n, found && err == nil
}

// KilledForMemory reports that the kernel's log says that it killed this process for
// want of memory after a moment since boot. Where the log may not be read, it is false.
func KilledForMemory(pid int, after time.Duration) bool {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	buf := make([]byte, kmsgRecord)
	for range kmsgMost {
		n, err := unix.Read(fd, buf)
		if err == unix.EPIPE { // it was overwritten while we read
			continue
		}
		if err != nil || n <= 0 {
			return false
		}
		if at, ok := oomKill(buf[:n], pid); ok && at >= after {
			return true
		}
	}
	return false
}

// oomKill reads a record of the kernel's log: "priority,sequence,microseconds,flags;text".
func oomKill(record []byte, pid int) (at time.Duration, ok bool) {
	head, text, _ := bytes.Cut(record, []byte(";"))
	if !bytes.Contains(text, fmt.Appendf(nil, "illed process %d (", pid)) {
		return 0, false
	}
	var priority, sequence, micros int64
	if _, err := fmt.Sscanf(string(head), "%d,%d,%d,", &priority, &sequence, &micros); err != nil {
		return 0, false
	}
	return time.Duration(micros) * time.Microsecond, true
}
