package sampling

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
)

// readPSS is the memory of a process in bytes, with its share of what it has in common
// with others. Walking its pages takes the kernel up to milliseconds.
func readPSS(pid int) (float64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return 0, fmt.Errorf("cannot read proportional memory: %w", err)
	}
	_, rest, ok := bytes.Cut(b, []byte("\nPss:"))
	fields := bytes.Fields(rest[:min(len(rest), 64)])
	if !ok || len(fields) == 0 {
		return 0, procfs.ErrGone // a process without memory is about to end
	}
	kib, err := strconv.ParseFloat(string(fields[0]), 64)
	if err != nil {
		return 0, fmt.Errorf("cannot read proportional memory: %w", err)
	}
	return kib * 1024, nil
}

// pssOf is the proportional memory of several processes, in bytes; nil where it may not be read.
func pssOf(pids []int) *float64 {
	var sum total
	for _, pid := range pids {
		if n, err := readPSS(pid); err == nil {
			sum.add(n)
		} else {
			sum.miss(pid)
		}
	}
	return sum.value()
}

// readSockets lists the sockets that a process holds, as inodes.
func readSockets(pid int, into map[string]bool) error {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	names, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot list sockets: %w", err)
	}
	for _, n := range names {
		to, err := os.Readlink(filepath.Join(dir, n.Name()))
		if err != nil {
			continue // it was closed meanwhile
		}
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			into[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return nil
}

// listening is the state of a TCP socket that is no connection.
const listening = "0A"

// countConnections counts the TCP connections among sockets, as the network of a process
// shows them. One that was closed by both sides has no socket any more.
func countConnections(pid int, sockets map[string]bool) (float64, error) {
	n := 0.0
	for _, table := range []string{"tcp", "tcp6"} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			if table == "tcp6" && os.IsNotExist(err) {
				continue // a host without IPv6
			}
			return 0, fmt.Errorf("cannot list connections: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[3] != listening && sockets[f[9]] {
				n++
			}
		}
	}
	return n, nil
}

// limitHits counts how often a process and its siblings ran into a limit of their own
// cgroup: a fork that was refused, memory that was not to be had.
func limitHits(pid int) (float64, error) {
	hits, found := 0.0, false
	for _, dir := range ownGroups(pid) {
		for _, at := range []struct{ file, key string }{{"pids.events", "max"}, {"memory.events", "oom"}, {"memory.oom_control", "oom_kill"}} {
			if n, ok := cgroup.KeyedCount(filepath.Join(dir, at.file), at.key); ok {
				hits, found = hits+n, true
			}
		}
	}
	if !found {
		return 0, fmt.Errorf("cannot read limits: no cgroup of its own")
	}
	return hits, nil
}

// LimitHits counts how often the tree of a process ran into a limit of its own cgroup.
func LimitHits(pid int) (float64, error) { return limitHits(pid) }

// LimitFiles are the files of a v2 cgroup that tell, when they change, that a limit
// refused something.
func LimitFiles(cgroup string) []string {
	if cgroup == "" {
		return nil
	}
	return []string{filepath.Join(cgroup, "memory.events"), filepath.Join(cgroup, "pids.events")}
}

// deep reads what takes long of one tree.
func (u *Usage) deep(want Deep, pids []int) {
	if len(pids) == 0 {
		return
	}
	if want.PSS {
		u.PSS = pssOf(pids)
	}
	if want.Connections {
		u.Connections = connectionsOf(pids)
	}
	if want.Hits {
		if n, err := limitHits(pids[0]); err == nil {
			u.Hits = &n
		}
	}
}

func connectionsOf(pids []int) *float64 {
	sockets := map[string]bool{}
	for _, pid := range pids {
		if err := readSockets(pid, sockets); err != nil {
			var gap total
			if gap.miss(pid); gap.unknown {
				return nil
			}
		}
	}
	for _, pid := range pids {
		if n, err := countConnections(pid, sockets); err == nil {
			return &n
		}
	}
	return nil
}
