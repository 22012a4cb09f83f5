package procs

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
)

// commandWidth bounds what is told of the command of a process.
const commandWidth = 120

// HolderOf is the process that listens on the first of some TCP ports that somebody listens on; nil where
// nobody does, or the kernel does not let us see whose socket it is.
func HolderOf(ports []int) *heal.Holder {
	for _, port := range ports {
		sockets := procfs.Listeners(port)
		if len(sockets) == 0 {
			continue
		}
		if pid := listenerOf(sockets); pid > 0 {
			return &heal.Holder{Port: port, PID: pid, Command: commandOf(pid)}
		}
	}
	return nil
}

// listenerOf is the oldest process that has one of some sockets open: a server before its workers. Zero for none.
func listenerOf(sockets []string) int {
	all, _ := procfs.ProcessTable()
	pids := slices.DeleteFunc(all, func(pid int) bool { return !hasOpen(pid, sockets) })
	if len(pids) == 0 {
		return 0
	}
	return slices.MinFunc(pids, func(a, b int) int { return startOf(a) - startOf(b) })
}

// startOf orders processes by their start.
func startOf(pid int) int {
	id, err := procfs.Identify(pid)
	if err != nil {
		return 0
	}
	return int(id.Start)
}

func hasOpen(pid int, sockets []string) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false // it has ended, or is not ours to see
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		link, err := os.Readlink(filepath.Join(dir, e.Name()))
		return err == nil && slices.Contains(sockets, link)
	})
}

// commandOf is the command of a process, without its arguments: they may hold secrets.
func commandOf(pid int) string {
	if argv := CommandLine(pid); len(argv) > 0 {
		name := filepath.Base(strings.TrimSpace(argv[0]))
		return strings.ToValidUTF8(name[:min(len(name), commandWidth)], "?")
	}
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(b))
}
