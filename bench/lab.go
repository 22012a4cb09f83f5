package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/heal"
)

// patience is how long a thing that must happen may take.
const patience = 20 * time.Second

// lab is the folder of one measure, and the sidecar that runs in it.
type lab struct {
	bin, dir string
	cmd      *exec.Cmd
	follower *exec.Cmd
	events   chan heal.Event
}

// start runs a policy and follows its events.
func (l *lab) start(policy string) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	file := filepath.Join(l.dir, "policy.hcl")
	if err := os.WriteFile(file, []byte(policy), 0o600); err != nil {
		return err
	}
	l.cmd = exec.Command(l.bin, "run", "--config", file, "--state-dir", l.state(), "--log-level", "off")
	l.cmd.Stderr = os.Stderr
	if err := l.cmd.Start(); err != nil {
		return err
	}
	if err := l.listening(); err != nil {
		return err
	}
	return l.follow()
}

// buildTick compiles the smallest agent.
func (l *lab) buildTick() (string, error) {
	path := filepath.Join(l.dir, "tick")
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "./bench/tick")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the agent: %w: %s", err, out)
	}
	return path, nil
}

func (l *lab) state() string { return filepath.Join(l.dir, "state") }

func (l *lab) listening() error {
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(time.Millisecond) {
		if exec.Command(l.bin, "status", "--state-dir", l.state()).Run() == nil {
			return nil
		}
	}
	return errors.New("the sidecar did not start")
}

func (l *lab) follow() error {
	cmd := exec.Command(l.bin, "events", "--follow", "--json", "--state-dir", l.state())
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	l.follower = cmd
	l.events = make(chan heal.Event, 1000)
	go func() {
		defer close(l.events)
		dec := json.NewDecoder(bufio.NewReader(out))
		for {
			var e heal.Event
			if dec.Decode(&e) != nil {
				_ = cmd.Wait()
				return
			}
			l.events <- e
		}
	}()
	return nil
}

// until reads on to an event of a kind.
func (l *lab) until(kind heal.EventKind) (heal.Event, error) {
	late := time.After(patience)
	for {
		select {
		case e, ok := <-l.events:
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

// stopFollowing ends the stream of events, which costs the sidecar a little.
func (l *lab) stopFollowing() {
	_ = l.follower.Process.Kill()
	for range l.events {
	}
}

func (l *lab) stop() {
	_ = l.cmd.Process.Signal(syscall.SIGINT)
	_ = l.cmd.Wait()
	for range l.events {
	}
}

// now is the clock of the journal: time since boot.
func now() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return time.Duration(ts.Nano())
}

// quantile sorts the samples and returns one of them.
func quantile(samples []time.Duration, q float64) time.Duration {
	slices.Sort(samples)
	return samples[min(int(q*float64(len(samples))), len(samples)-1)]
}

func row(name, ours, base, ratio, note string) {
	fmt.Printf("%-52s %14s %14s %9s  %s\n", name, ours, base, ratio, note)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }
