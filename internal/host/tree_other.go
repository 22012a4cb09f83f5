//go:build !linux

package host

import (
	"context"
	"os"

	"github.com/shirou/gopsutil/v3/process"
)

func childrenOf(pid int) []int {
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

func ownChildren() []int { return childrenOf(os.Getpid()) }

func hasTag(int, string) bool { return false }

func tagged(string) []int { return nil }
