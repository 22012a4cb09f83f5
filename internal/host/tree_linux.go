package host

import (
	"bytes"
	"os"
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
