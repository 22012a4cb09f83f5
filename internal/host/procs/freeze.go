package procs

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"healer-sidecar/internal/host/procfs"
)

// Freeze stops every process of the run and says by which means. Without a
// cgroup it stops the members one by one, until a look finds no new one.
func (t *Tree) Freeze() (string, error) {
	if t.cage != nil {
		if err := t.cage.Freeze(); err == nil {
			return byCgroup, nil
		}
	}
	stopped := 0
	for range 50 {
		n := 0
		for _, id := range t.Scan() {
			s, err := procfs.ReadStat(id.PID)
			if err != nil || s.State == 'T' {
				continue
			}
			if err := id.Signal(syscall.SIGSTOP); err == nil {
				n++
			}
		}
		if stopped += n; n == 0 {
			return fmt.Sprintf("stopped by SIGSTOP (%d processes; weaker than a cgroup freeze: they can be continued from outside)", stopped), nil
		}
		time.Sleep(time.Millisecond)
	}
	return "", fmt.Errorf("cannot freeze: new processes kept appearing")
}

// Frozen says how a run is held that may have been frozen by an earlier sidecar; nothing
// when its cgroup does not say so.
func (t *Tree) Frozen() string {
	if t.cage != nil && t.cage.Frozen() {
		return byCgroup
	}
	return ""
}

// Continue sends SIGCONT to the members that are stopped, and says which they are. A traced one
// belongs to its debugger.
func (t *Tree) Continue() (continued []string, err error) {
	for _, id := range t.Scan() {
		s, statErr := procfs.ReadStat(id.PID)
		if statErr != nil || s.State != 'T' {
			continue
		}
		if signalErr := id.Signal(syscall.SIGCONT); signalErr != nil && !errors.Is(signalErr, procfs.ErrGone) {
			err = signalErr
			continue
		}
		continued = append(continued, fmt.Sprintf("continued %d %s", id.PID, procfs.Describe(id).Name))
	}
	return continued, err
}

const byCgroup = "frozen through its cgroup (v2)"

// Thaw lets a frozen run go on.
func (t *Tree) Thaw() error {
	var failed error
	if t.cage != nil {
		failed = t.cage.Thaw()
	}
	if _, err := t.Signal(syscall.SIGCONT); err != nil {
		failed = err
	}
	return failed
}
