package host

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
)

// childrenOf lists the direct children of a process; the kernel keeps them per
// thread. A process that cannot be seen has none to offer.
func childrenOf(pid int) []int {
	dir := "/proc/" + strconv.Itoa(pid) + "/task"
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var pids []int
	var buf [16 << 10]byte
	for _, task := range tasks {
		n, err := readSmall(dir+"/"+task.Name()+"/children", buf[:])
		if err != nil {
			continue
		}
		for field := range bytes.FieldsSeq(buf[:n]) {
			if pid, err := strconv.Atoi(string(field)); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func ownChildren() []int { return childrenOf(os.Getpid()) }

// hasTag reports whether the process was born with the mark of the run.
func hasTag(pid int, runID string) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && bytes.Contains(env, []byte(RunTag+"="+runID))
}

// tagged scans the process table for members of a run whose sidecar is gone: they
// are nobody's child any more and only their mark tells whose they are.
func tagged(runID string) []int {
	pids, _ := processTable()
	return slices.DeleteFunc(pids, func(pid int) bool { return pid == os.Getpid() || !hasTag(pid, runID) })
}

// processTable lists the numbers of all processes.
func processTable() ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}
