package cgroup

import (
	"fmt"
	"strings"
)

// Limits are resource limits of one run; zero means none.
type Limits struct {
	// Memory in bytes, CPU in percent of one core, PIDs as a count, IO in bytes a second,
	// read and written, of each disk. On v1 what is written through the page cache escapes.
	Memory uint64
	CPU    float64
	PIDs   int64
	IO     uint64
	// Hard makes the memory limit one that kills; else it slows the run down where
	// the kernel can (v2). On v1 every memory limit is hard.
	Hard bool
}

// IsZero reports whether nothing is limited.
func (l Limits) IsZero() bool { return l.Memory == 0 && l.CPU == 0 && l.PIDs == 0 && l.IO == 0 }

// onlyTasks reports that nothing but the number of tasks is limited.
func (l Limits) onlyTasks() bool { return l == Limits{PIDs: l.PIDs, Hard: l.Hard} }

// String names the limits that are set.
func (l Limits) String() string {
	var parts []string
	if l.CPU > 0 {
		parts = append(parts, fmt.Sprintf("cpu %.0f %%", l.CPU))
	}
	if l.Memory > 0 {
		parts = append(parts, fmt.Sprintf("memory %.0f MiB", float64(l.Memory)/(1<<20)))
	}
	if l.PIDs > 0 {
		parts = append(parts, fmt.Sprintf("pids %d", l.PIDs))
	}
	if l.IO > 0 {
		parts = append(parts, fmt.Sprintf("io %.1f MiB/s", float64(l.IO)/(1<<20)))
	}
	if len(parts) == 0 {
		return "no limits"
	}
	return strings.Join(parts, ", ")
}
