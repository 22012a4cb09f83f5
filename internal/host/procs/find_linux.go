package procs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/procfs"
)

// ErrBadPID says that a number names no process that may be touched.
var ErrBadPID = errors.New("bad_pid")

// ErrNoProcess says that nothing is there to attach to.
var ErrNoProcess = errors.New("no process is there")

// maxPIDFile bounds what is read of a pid file, maxMatches how many candidates an
// error lists.
const maxPIDFile, maxMatches = 64, 10

// ParsePID reads a process number strictly.
func ParsePID(text string) (int, error) {
	text = strings.TrimSuffix(text, "\n")
	pid, err := strconv.ParseInt(text, 10, 32)
	if err != nil || pid <= 0 || strings.TrimLeft(text, "0123456789") != "" {
		return 0, fmt.Errorf("%w: %.20q is no process number", ErrBadPID, text)
	}
	return int(pid), nil
}

// ReadPIDFile reads the number in a pid file, which somebody else may write.
func ReadPIDFile(path string) (int, error) {
	f, err := fsys.OpenRegular(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("%w: the pid file %s does not exist", ErrNoProcess, path)
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPIDFile))
	if err != nil {
		return 0, fmt.Errorf("cannot read pid file: %w", err)
	}
	return ParsePID(string(b))
}

// Claim returns the identity of a process that may be attached to: one of the user
// uid, and neither init, the kernel, ourselves, nor one of our ancestors.
func Claim(pid, uid int) (procfs.Identity, error) {
	if pid <= 1 {
		return procfs.Identity{}, fmt.Errorf("%w: %d", ErrBadPID, pid)
	}
	if ours, err := ancestry(); err != nil || ours[pid] {
		return procfs.Identity{}, errors.Join(fmt.Errorf("%w: %d is this sidecar, or runs it", ErrBadPID, pid), err)
	}
	id, err := procfs.Identify(pid)
	if errors.Is(err, procfs.ErrGone) {
		return procfs.Identity{}, fmt.Errorf("%w: no process has the number %d", ErrNoProcess, pid)
	}
	if err != nil {
		return procfs.Identity{}, err
	}
	owner, err := ownerOf(pid)
	if err != nil {
		return procfs.Identity{}, err
	}
	if owner != uid {
		return procfs.Identity{}, fmt.Errorf("%w: process %d belongs to uid %d, not to %d", ErrBadPID, pid, owner, uid)
	}
	if len(CommandLine(pid)) == 0 {
		return procfs.Identity{}, fmt.Errorf("%w: process %d belongs to the kernel", ErrBadPID, pid)
	}
	return id, nil
}

// Match finds the one process of a user whose command line matches. None and
// several are errors; several are listed.
func Match(expr *regexp.Regexp, uid int) (procfs.Identity, error) {
	pids, err := procfs.ProcessTable()
	if err != nil {
		return procfs.Identity{}, err
	}
	ours, err := ancestry()
	if err != nil {
		return procfs.Identity{}, err
	}
	var found []int
	for _, pid := range pids {
		if ours[pid] || !expr.MatchString(strings.Join(CommandLine(pid), " ")) {
			continue
		}
		if owner, err := ownerOf(pid); err == nil && owner == uid {
			found = append(found, pid)
		}
	}
	found = heads(found)
	switch {
	case len(found) == 0:
		return procfs.Identity{}, fmt.Errorf("%w: no command line of uid %d matches %s", ErrNoProcess, uid, expr)
	case len(found) > 1:
		var list []string
		for _, pid := range found[:min(len(found), maxMatches)] {
			list = append(list, fmt.Sprintf("%d (%.160q)", pid, strings.Join(CommandLine(pid), " ")))
		}
		return procfs.Identity{}, fmt.Errorf("cannot choose among %d processes that match %s: %s", len(found), expr, strings.Join(list, ", "))
	}
	return Claim(found[0], uid)
}

// heads drops the processes that another one of the list has started: a child that
// was just forked still has the command line of its parent.
func heads(pids []int) []int {
	return slices.DeleteFunc(slices.Clone(pids), func(pid int) bool {
		s, err := procfs.ReadStat(pid)
		return err == nil && slices.Contains(pids, s.Parent)
	})
}

// ancestry is ourselves and everybody above us.
func ancestry() (map[int]bool, error) {
	all := map[int]bool{}
	for pid := os.Getpid(); pid > 0 && !all[pid]; {
		all[pid] = true
		s, err := procfs.ReadStat(pid)
		if err != nil {
			return all, fmt.Errorf("cannot see our own ancestors: %w", err)
		}
		pid = s.Parent
	}
	return all, nil
}

func ownerOf(pid int) (int, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return -1, fmt.Errorf("cannot see the owner of process %d: %w", pid, err)
	}
	_, rest, ok := bytes.Cut(b, []byte("\nUid:"))
	fields := bytes.Fields(rest)
	if !ok || len(fields) == 0 {
		return -1, fmt.Errorf("cannot see the owner of process %d", pid)
	}
	return strconv.Atoi(string(fields[0]))
}

// CommandLine is the argument list of a process; empty for the kernel's own.
func CommandLine(pid int) []string {
	var buf [1 << 10]byte
	b, err := procfs.ReadMost("/proc/"+strconv.Itoa(pid)+"/cmdline", buf[:])
	if err != nil || len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}

// Capture takes down how a process was started: arguments, directory, environment, and as whom.
// What cannot be started again as it was is an error.
func Capture(id procfs.Identity) (Command, error) {
	proc := "/proc/" + strconv.Itoa(id.PID) + "/"
	c := Command{Argv: CommandLine(id.PID), Cgroup: -1}
	as, err := personaOf(id.PID)
	if err != nil {
		return c, fmt.Errorf("cannot capture process %d: %w", id.PID, err)
	}
	c.As = as
	env, err := os.ReadFile(proc + "environ")
	if err != nil {
		return c, fmt.Errorf("cannot capture process %d: %w", id.PID, err)
	}
	c.Env = strings.Split(strings.TrimSuffix(string(env), "\x00"), "\x00")
	if c.Dir, err = os.Readlink(proc + "cwd"); err != nil {
		return c, fmt.Errorf("cannot capture process %d: %w", id.PID, err)
	}
	if exe, err := os.Readlink(proc + "exe"); err == nil && len(c.Argv) > 0 && strings.Contains(c.Argv[0], "/") {
		c.Argv[0] = exe
	}
	if alive, err := id.Alive(); err != nil || !alive {
		return c, fmt.Errorf("cannot capture process %d: %w", id.PID, procfs.ErrGone)
	}
	return c, nil
}
