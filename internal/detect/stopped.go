package detect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
)

const (
	// stoppedFor is how long all of an agent, or its first process, must be stopped: a shell
	// may stop and continue a child at any time. partlyFor holds for another process, and for
	// what a debugger holds.
	stoppedFor, partlyFor = time.Second, 10 * time.Second
	// stoppedNamed bounds how many processes are named.
	stoppedNamed = 5
)

// stopped tells at once that a signal, or a debugger, holds processes of the agent.
type stopped struct {
	since time.Duration
	// why describes what was seen when it was raised.
	why   string
	cause heal.Cause
}

func stoppedCheck(name string) Check {
	return Check{Name: name, Witness: heal.WitnessLiveness, begin: func() judge { return &stopped{} }}
}

func decodeStopped(b config.Block, _ config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, nil)
	s.addCheck(stoppedCheck(b.Title()))
	return f.Diags
}

// addCheck adds a check that takes no arguments, once.
func (s *Spec) addCheck(c Check) {
	if !slices.ContainsFunc(s.Checks, func(had Check) bool { return strings.HasPrefix(had.Name, c.Name) }) {
		s.Checks = append(s.Checks, c)
	}
}

func (s *stopped) look(m sample) finding {
	halted := m.usage.Halted
	if m.held || len(halted) == 0 {
		*s = stopped{}
		return finding{}
	}
	if s.since == 0 {
		s.since = m.at
	}
	need := partlyFor
	why, traced := describeStops(halted)
	if !traced && (len(halted) == m.usage.Processes || slices.Contains(halted, m.usage.Eldest)) {
		need = stoppedFor
	}
	if s.why == "" && m.at-s.since < need-sampleEvery/2 { // samples are not to the millisecond
		return finding{}
	}
	if s.cause = heal.Stopped; traced {
		s.cause = heal.Traced
	}
	s.why = fmt.Sprintf("%d of %d processes are stopped: %s", len(halted), m.usage.Processes, why)
	return finding{bad: true, text: s.why, vote: heal.Vote{Type: heal.ExecutionFailure, Weight: 1, Why: s.why, Cause: s.cause}}
}

// describeStops says what holds processes, and whether that is a debugger for one of them.
func describeStops(pids []int) (string, bool) {
	var all []string
	traced := false
	for _, pid := range pids[:min(len(pids), stoppedNamed)] {
		stop := procfs.StopOf(pid)
		traced = traced || stop.Tracer > 0
		all = append(all, stop.String())
	}
	return strings.Join(all, ", "), traced
}
