package procfs

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"healer-sidecar/internal/heal"
)

// ErrGone says that the process a handle named has ended, even if another one
// has its number now.
var ErrGone = errors.New("the process is gone")

// Identity names one process forever: the number alone is reused, so it counts
// only together with the start time and the boot.
// RunTag is the environment variable that marks every process of a run, RunDirTag the one
// that holds the run's own folder.
const RunTag, RunDirTag = "HEALER_RUN_ID", "HEALER_RUN_DIR"

type Identity struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start_ticks"`
	Boot  string `json:"boot"`
}

// Stat is what the kernel says about a process.
type Stat struct {
	State   byte
	Parent  int
	Session int
	Start   uint64
	// Name is what the process calls itself.
	Name string
	// Ticks is the processor time used, in clock ticks; Threads a count; Pages the
	// resident memory.
	Ticks, Threads, Pages uint64
}

// parseStat reads a line of /proc/PID/stat. The name may hold anything, so the
// fields are counted from the last closing bracket.
func parseStat(line []byte) (Stat, error) {
	var s Stat
	begin, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if begin < 0 || end < begin {
		return s, fmt.Errorf("cannot read process status: no name in %q", line)
	}
	s.Name = string(line[begin+1 : end])
	fields := bytes.Fields(line[end+1:])
	const state, parent, session, user, system, threads, start, pages = 0, 1, 3, 11, 12, 17, 19, 21
	if len(fields) <= pages || len(fields[state]) != 1 {
		return s, fmt.Errorf("cannot read process status: %d fields", len(fields))
	}
	if s.State = fields[state][0]; s.State < 'A' || s.State > 'z' {
		return s, fmt.Errorf("cannot read process status: %q is no state", s.State)
	}
	var err error
	if s.Parent, err = strconv.Atoi(string(fields[parent])); err != nil {
		return s, fmt.Errorf("cannot read process status: %w", err)
	}
	if s.Session, err = strconv.Atoi(string(fields[session])); err != nil {
		return s, fmt.Errorf("cannot read process status: %w", err)
	}
	var inSystem uint64
	for _, number := range []struct {
		field int
		into  *uint64
	}{{start, &s.Start}, {user, &s.Ticks}, {system, &inSystem}, {threads, &s.Threads}, {pages, &s.Pages}} {
		if *number.into, err = strconv.ParseUint(string(fields[number.field]), 10, 64); err != nil {
			return s, fmt.Errorf("cannot read process status: %w", err)
		}
	}
	s.Ticks += inSystem
	return s, nil
}

// Dead reports whether a process in this state has ended, reaped or not.
func (s Stat) Dead() bool { return s.State == 'Z' || s.State == 'X' }

// Identify returns the identity of a process that is alive.
func Identify(pid int) (Identity, error) {
	s, err := ReadStat(pid)
	if err != nil {
		return Identity{}, err
	}
	if s.Dead() {
		return Identity{}, ErrGone
	}
	return Identity{PID: pid, Start: s.Start, Boot: BootID()}, nil
}

// Alive reports whether exactly this process still runs. A process that cannot
// be seen is not dead: then the error is set.
func (id Identity) Alive() (bool, error) {
	if id.Boot != "" && id.Boot != BootID() {
		return false, nil
	}
	s, err := ReadStat(id.PID)
	if errors.Is(err, ErrGone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.Start == id.Start && !s.Dead(), nil
}

// stateWords are the kernel's states as people call them.
var stateWords = map[byte]string{
	'R': "running", 'S': "sleeping", 'I': "sleeping", 'D': "blocked", 'T': "stopped", 't': "traced", 'Z': "zombie", 'X': "zombie",
}

// Alive reports that a process of this number lives now, whichever it is.
func Alive(pid int) bool {
	_, err := Identify(pid)
	return !errors.Is(err, ErrGone) // what cannot be seen is not dead
}

// Describe tells of one process, with a name that harms no terminal.
func Describe(id Identity) heal.Member {
	m := heal.Member{PID: id.PID, State: "unknown"}
	s, err := ReadStat(id.PID)
	if err != nil || s.Start != id.Start {
		return m
	}
	if word, ok := stateWords[s.State]; ok {
		m.State = word
	}
	m.Name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s.Name, "?"))
	return m
}
