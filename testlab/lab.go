// Package testlab runs the built sidecar in a folder of its own, for the programs
// that measure it and that break it.
package testlab

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/heal"
)

// Patience is how long a thing that must happen may take.
const Patience = 20 * time.Second

// Lab is a folder, and the sidecar that runs in it.
type Lab struct {
	// Bin is the sidecar, Dir the folder, both absolute.
	Bin, Dir string
	// Wrap is put before the sidecar's command line, as in strace.
	Wrap []string
	Cmd  *exec.Cmd
	// Events is what the sidecar recorded, while somebody follows.
	Events   chan heal.Event
	follower *exec.Cmd
}

// State is the state directory.
func (l *Lab) State() string { return filepath.Join(l.Dir, "state") }

// Path is a file of the folder.
func (l *Lab) Path(name string) string { return filepath.Join(l.Dir, name) }

// Begin runs a policy and returns at once.
func (l *Lab) Begin(policy string) error {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(l.Path("policy.hcl"), []byte(policy), 0o600); err != nil {
		return err
	}
	args := append(l.Wrap, l.Bin, "run", "--config", l.Path("policy.hcl"), "--state-dir", l.State(), "--log-level", "warn")
	l.Cmd = exec.Command(args[0], args[1:]...)
	log, err := os.OpenFile(l.Path("log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	l.Cmd.Stderr = log
	return l.Cmd.Start()
}

// Start runs a policy and returns when the sidecar answers.
func (l *Lab) Start(policy string) error {
	if err := l.Begin(policy); err != nil {
		return err
	}
	for begun := time.Now(); time.Since(begun) < Patience; time.Sleep(time.Millisecond) {
		if _, err := l.Status(); err == nil {
			return nil
		}
		if StateOf(l.Cmd.Process.Pid) == 'Z' {
			_ = l.Cmd.Wait()
			break
		}
	}
	return fmt.Errorf("the sidecar did not start: %s", l.Log())
}

// Log is what the sidecar wrote to its standard error.
func (l *Lab) Log() string {
	b, _ := os.ReadFile(l.Path("log"))
	return string(b)
}

// Verb runs a verb against the sidecar.
func (l *Lab) Verb(args ...string) (string, error) {
	out, err := exec.Command(l.Bin, append(args, "--state-dir", l.State())...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return string(out), err
}

// Status asks the sidecar how it stands.
func (l *Lab) Status() (heal.SidecarStatus, error) {
	var s heal.SidecarStatus
	out, err := exec.Command(l.Bin, "status", "--json", "--state-dir", l.State()).Output()
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return s, err
	}
	if !s.Ended.IsZero() {
		return s, errors.New("no sidecar answers: this is what the last one left")
	}
	return s, nil
}

// Agent is the status of the only agent.
func (l *Lab) Agent() (heal.AgentStatus, error) {
	s, err := l.Status()
	if err != nil {
		return heal.AgentStatus{}, err
	}
	return s.Agents[0], nil
}

// Recorded reads the journal from the disk, whether the sidecar lives or not.
func (l *Lab) Recorded() ([]heal.Event, error) {
	paths, err := filepath.Glob(filepath.Join(l.State(), "journal", "journal-*.jsonl"))
	if err != nil {
		return nil, err
	}
	var all []heal.Event
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(b)) {
			var r struct{ Event heal.Event }
			if json.Unmarshal([]byte(line), &r) == nil {
				all = append(all, r.Event)
			}
		}
	}
	return all, nil
}

// Count counts the recorded events of a kind.
func (l *Lab) Count(kind heal.EventKind) int {
	events, _ := l.Recorded()
	n := 0
	for _, e := range events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// Follow reads the events as they happen.
func (l *Lab) Follow() error {
	l.follower = exec.Command(l.Bin, "events", "--follow", "--json", "--state-dir", l.State())
	out, err := l.follower.StdoutPipe()
	if err != nil {
		return err
	}
	if err := l.follower.Start(); err != nil {
		return err
	}
	l.Events = make(chan heal.Event, 1000)
	go func() {
		defer close(l.Events)
		dec := json.NewDecoder(bufio.NewReader(out))
		for {
			var e heal.Event
			if dec.Decode(&e) != nil {
				_ = l.follower.Wait()
				return
			}
			l.Events <- e
		}
	}()
	return nil
}

// Until reads on to an event of a kind.
func (l *Lab) Until(kind heal.EventKind) (heal.Event, error) {
	late := time.After(Patience)
	for {
		select {
		case e, ok := <-l.Events:
			if !ok {
				return e, fmt.Errorf("the sidecar ended before %s", kind)
			}
			if e.Kind == kind {
				return e, nil
			}
		case <-late:
			return heal.Event{}, fmt.Errorf("no %s came", kind)
		}
	}
}

// Wait waits until a condition holds.
func Wait(what string, holds func() bool) error {
	for begun := time.Now(); time.Since(begun) < Patience; time.Sleep(5 * time.Millisecond) {
		if holds() {
			return nil
		}
	}
	return errors.New("this did not happen: " + what)
}

// PID is the sidecar's own, also below a wrapper.
func (l *Lab) PID() int {
	if len(l.Wrap) == 0 {
		return l.Cmd.Process.Pid
	}
	b, _ := os.ReadFile(filepath.Join(l.State(), "lock"))
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return l.Cmd.Process.Pid
	}
	return pid
}

// Kill ends the sidecar with SIGKILL; its agents run on.
func (l *Lab) Kill() {
	_ = syscall.Kill(l.PID(), syscall.SIGKILL)
	_ = l.Cmd.Wait()
}

// Stop ends the sidecar and all its agents.
func (l *Lab) Stop() error {
	_ = syscall.Kill(l.PID(), syscall.SIGINT)
	err := l.Cmd.Wait()
	if l.Events != nil {
		for range l.Events {
		}
		l.Events = nil
	}
	return err
}

// Now is the clock of the journal: time since boot.
func Now() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return time.Duration(ts.Nano())
}
