//go:build !linux

package procs

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/shirou/gopsutil/v3/process"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
)

// ErrBadPID says that a number names no process that may be touched.
var ErrBadPID = errors.New("bad_pid")

// ErrNoProcess says that nothing is there to attach to.
var ErrNoProcess = errors.New("no process is there")

// ParsePID reads a process number.
func ParsePID(text string) (int, error) { return strconv.Atoi(text) }

// ReadPIDFile is not available here.
func ReadPIDFile(string) (int, error) { return 0, kernel.ErrUnsupported }

// Claim is not available here.
func Claim(int, int) (procfs.Identity, error) { return procfs.Identity{}, kernel.ErrUnsupported }

// Match is not available here.
func Match(*regexp.Regexp, int) (procfs.Identity, error) {
	return procfs.Identity{}, kernel.ErrUnsupported
}

// Capture is not available here.
func Capture(procfs.Identity) (Command, error) { return Command{}, kernel.ErrUnsupported }

// CommandLine is the argument list of a process; empty where it cannot be seen.
func CommandLine(pid int) []string {
	argv, err := (&process.Process{Pid: int32(pid)}).CmdlineSlice()
	if err != nil {
		return nil
	}
	return argv
}
