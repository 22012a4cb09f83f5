package procfs

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
)

// ChildrenOf lists the direct children of a process; the kernel keeps them per
// thread. A process that cannot be seen has none to offer.
func ChildrenOf(pid int) []int {
	dir := "/proc/" + strconv.Itoa(pid) + "/task"
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var pids []int
	var buf [16 << 10]byte
	for _, task := range tasks {
		n, err := ReadSmall(dir+"/"+task.Name()+"/children", buf[:])
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

func OwnChildren() []int { return ChildrenOf(os.Getpid()) }

// HasTag reports whether the process was born with the mark of the run.
func HasTag(pid int, runID string) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && bytes.Contains(env, []byte(RunTag+"="+runID))
}

// Tagged scans the process table for members of a run whose sidecar is gone: they
// are nobody's child any more and only their mark tells whose they are.
func Tagged(runID string) []int {
	pids, _ := ProcessTable()
	return slices.DeleteFunc(pids, func(pid int) bool { return pid == os.Getpid() || !HasTag(pid, runID) })
}

// ProcessTable lists the numbers of all processes.
func ProcessTable() ([]int, error) {
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
