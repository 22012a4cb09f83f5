package inspect

import (
	"fmt"
	"os"

	"github.com/shirou/gopsutil/v3/net"
	"github.com/shirou/gopsutil/v3/process"

	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

// Peek is what can be seen of a running process.
type Peek struct {
	Command []string
	Dir     string
	// Use is that of its whole tree, Listens the addresses on which the tree accepts
	// connections, Written the regular files that the process has open.
	Use     sampling.Usage
	Listens []string
	Written []string
}

// PeekAt looks at a process and what descends from it.
func PeekAt(pid int) (Peek, error) {
	id, err := procs.Claim(pid, os.Getuid())
	if err != nil {
		return Peek{}, err
	}
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return Peek{}, fmt.Errorf("cannot look at process %d: %w", pid, err)
	}
	var peek Peek
	if peek.Command, err = p.CmdlineSlice(); err != nil {
		return Peek{}, fmt.Errorf("cannot look at process %d: %w", pid, err)
	}
	if peek.Dir, err = p.Cwd(); err != nil {
		return Peek{}, fmt.Errorf("cannot look at process %d: %w", pid, err)
	}
	pids := procs.NewTree(id, "none", nil, procs.NewReaper()).PIDs()
	peek.Use = sampling.NewSampler().Sample(map[string][]int{"": pids}, nil).Usage[""]
	peek.Listens = listens(pids)
	if files, err := p.OpenFiles(); err == nil {
		for _, f := range files {
			if info, err := os.Stat(f.Path); err == nil && info.Mode().IsRegular() {
				peek.Written = append(peek.Written, f.Path)
			}
		}
	}
	return peek, nil
}

// listens are the TCP addresses on which processes accept connections.
func listens(pids []int) []string {
	var all []string
	for _, pid := range pids {
		conns, err := net.ConnectionsPid("tcp", int32(pid))
		if err != nil {
			continue
		}
		for _, c := range conns {
			if c.Status != "LISTEN" {
				continue
			}
			ip := c.Laddr.IP
			if ip == "0.0.0.0" || ip == "::" || ip == "*" {
				ip = "127.0.0.1"
			}
			all = append(all, fmt.Sprintf("%s:%d", ip, c.Laddr.Port))
		}
	}
	return all
}
