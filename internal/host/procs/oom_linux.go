package procs

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// yield is by how much an agent is the likelier one to be killed when memory is short;
// mostScore is the most there is.
const yield, mostScore = 100, 1000

// DieFirst makes a child the one that the kernel ends before us when memory is short. A
// score that protects us, like that of the shipped units, is not handed on.
func DieFirst(pid int) error {
	b, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return fmt.Errorf("cannot read our memory score: %w", err)
	}
	own, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return fmt.Errorf("cannot read our memory score: %w", err)
	}
	score := min(max(own+yield, 0), mostScore)
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte(strconv.Itoa(score)), 0); err != nil {
		return fmt.Errorf("cannot set the memory score of process %d: %w", pid, err)
	}
	return nil
}
