package sampling

import (
	"testing"
	"time"
)

func TestOOMKillInTheKernelLog(t *testing.T) {
	for _, row := range []struct {
		record string
		at     time.Duration
		ok     bool
	}{
		{"3,1207,8123456,-;Out of memory: Killed process 4711 (python3) total-vm:9kB, anon-rss:8kB", 8123456 * time.Microsecond, true},
		{"3,1207,8123456,-;Memory cgroup out of memory: Killed process 4711 (python3) total-vm:9kB", 8123456 * time.Microsecond, true},
		{"3,1207,8123456,-;Out of memory: Killed process 47110 (python3)", 0, false},
		{"6,1,2,-;usb 1-1: new device", 0, false},
		{";Killed process 4711 (x)", 0, false},
		{"", 0, false},
	} {
		if at, ok := oomKill([]byte(row.record), 4711); ok != row.ok || at != row.at {
			t.Errorf("%q: got %s, %v", row.record, at, ok)
		}
	}
	if KilledForMemory(1<<30, 0) {
		t.Error("a process that never was")
	}
}
