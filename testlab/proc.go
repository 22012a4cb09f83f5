package testlab

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// CPUTime sums what the scheduler counted for all threads of a process.
func CPUTime(pid int) time.Duration {
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	total := time.Duration(0)
	for _, path := range paths {
		var ran int64
		if b, err := os.ReadFile(path); err == nil {
			_, _ = fmt.Sscan(string(b), &ran)
		}
		total += time.Duration(ran)
	}
	return total
}

// Resident is VmRSS of a process in KiB, Peak the most that it ever was; 0 when it cannot be
// read.
func Resident(pid int) int { return memory(pid, "VmRSS:") }

// Peak is VmHWM.
func Peak(pid int) int { return memory(pid, "VmHWM:") }

func memory(pid int, field string) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, field); ok {
			n, _ := strconv.Atoi(strings.Fields(value)[0])
			return n
		}
	}
	return 0
}

// Descriptors counts the open descriptors of a process.
func Descriptors(pid int) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(entries)
}

// Carrying lists the processes whose environment holds a word.
func Carrying(word string) []int {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, path := range paths {
		if b, err := os.ReadFile(path); err == nil && strings.Contains(string(b), word) {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// StateOf is the kernel's letter for the state of a process; 0 when it is gone.
func StateOf(pid int) byte {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(b[strings.LastIndexByte(string(b), ')'):]), " ")
	if !ok {
		return 0
	}
	return rest[0]
}

// ZombiesOf counts the children of a process that nobody reaped.
func ZombiesOf(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	n := 0
	for field := range strings.FieldsSeq(string(b)) {
		child, _ := strconv.Atoi(field)
		if StateOf(child) == 'Z' {
			n++
		}
	}
	return n
}
