package procfs

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// execWithin is how long a process that was just forked may take to become the program that
// carries the marks of its run.
const execWithin = 500 * time.Millisecond

// FindUnrecorded finds the run whose folder lies in runs: one that a sidecar started and did
// not live to write down. The leader is the session that was made first; when that has ended
// and only others are left, the identity names nobody. Without exactly one such run ok is
// false. lock is the witness that the run holds: while somebody does, one that was only just
// started is waited for.
func FindUnrecorded(runs, lock string) (id string, leader Identity, ok bool) {
	for end := time.Now().Add(execWithin); ; time.Sleep(execWithin / 50) {
		marked := markedIn(runs)
		switch {
		case len(marked) == 1:
			for id, pids := range marked {
				return id, firstSession(pids), true
			}
		case len(marked) > 1, time.Now().After(end), !Witnessed(lock):
			return "", Identity{}, false
		}
	}
}

// markedIn lists the processes that were told of a run folder in runs, by run.
func markedIn(runs string) map[string][]int {
	pids, _ := ProcessTable()
	marked := map[string][]int{}
	for _, pid := range pids {
		if pid == os.Getpid() {
			continue
		}
		env, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
		for variable := range strings.SplitSeq(string(env), "\x00") {
			if dir, ok := strings.CutPrefix(variable, RunDirTag+"="); ok && filepath.Dir(dir) == runs {
				marked[filepath.Base(dir)] = append(marked[filepath.Base(dir)], pid)
			}
		}
	}
	return marked
}

// firstSession is the oldest of the processes that lead a session and were not started by
// another of them.
func firstSession(pids []int) Identity {
	var first Identity
	for _, pid := range pids {
		s, err := ReadStat(pid)
		if err != nil || s.Dead() || s.Session != pid || slices.Contains(pids, s.Parent) {
			continue
		}
		if first.PID == 0 || s.Start < first.Start {
			first = Identity{PID: pid, Start: s.Start, Boot: BootID()}
		}
	}
	return first
}

// HomeTag is the environment variable that names the state directory of the sidecar that started a
// run, AgentTag that of the agent.
const HomeTag, AgentTag = "HEALER_STATE_DIR", "HEALER_AGENT"

// MarkedRuns finds all living runs that were started by a sidecar of a state directory: by what is in
// the environment of their processes. agents is the folder in which it keeps those of its agents, for
// runs of sidecars that did not name themselves. A process that was given another environment is found
// with the session that it belongs to.
func MarkedRuns(home, agents string) []MarkedRun {
	pids, _ := ProcessTable()
	found := map[string]*MarkedRun{}
	for _, pid := range pids {
		if pid == os.Getpid() {
			continue
		}
		agent, id := marksOf(pid, home, agents)
		if agent == "" || id == "" {
			continue
		}
		if s, err := ReadStat(pid); err != nil || s.Dead() {
			continue
		}
		if found[id] == nil {
			found[id] = &MarkedRun{Agent: agent, ID: id}
		}
		found[id].PIDs = append(found[id].PIDs, pid)
	}
	var all []MarkedRun
	for _, r := range found {
		r.Leader = firstSession(r.PIDs)
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b MarkedRun) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// marksOf are the agent and the run that a process belongs to; empty for none of ours.
func marksOf(pid int, home, agents string) (agent, id string) {
	env, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	ours := false
	for variable := range strings.SplitSeq(string(env), "\x00") {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case AgentTag:
			agent = value
		case RunTag:
			id = value
		case HomeTag:
			ours = ours || value == home
		case RunDirTag:
			ours = ours || strings.HasPrefix(value, agents+"/")
		}
	}
	if !ours {
		return "", ""
	}
	return agent, id
}
