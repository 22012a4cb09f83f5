//go:build !linux

package procfs

import (
	"context"
	"os"

	"github.com/shirou/gopsutil/v3/process"
)

func ChildrenOf(pid int) []int {
	kids, err := (&process.Process{Pid: int32(pid)}).ChildrenWithContext(context.Background())
	if err != nil {
		return nil
	}
	var pids []int
	for _, k := range kids {
		pids = append(pids, int(k.Pid))
	}
	return pids
}

func OwnChildren() []int { return ChildrenOf(os.Getpid()) }

func HasTag(int, string) bool { return false }

func Tagged(string) []int { return nil }
