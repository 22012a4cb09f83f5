package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// stateDisk mounts a file system of its own at the state directory.
func stateDisk(l *testlab.Lab) (remove func(), err error) {
	image := l.Path("disk")
	for _, argv := range [][]string{
		{"mkdir", "-p", l.State()},
		{"truncate", "-s", "64M", image},
		{"mkfs.ext4", "-q", image},
		{"mount", "-o", "loop", image, l.State()},
		{"chmod", "700", l.State()},
	} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return nil, skipped{fmt.Sprintf("no disk can be made here: %s: %s", argv[0], strings.TrimSpace(string(out)))}
		}
	}
	return func() {
		_ = exec.Command("fsfreeze", "-u", l.State()).Run()
		_ = exec.Command("umount", "-l", l.State()).Run()
	}, nil
}

// watchdog plays the service manager and keeps the longest time between two pings.
type watchdog struct {
	conn    *net.UnixConn
	longest atomic.Int64
}

func newWatchdog(l *testlab.Lab) (*watchdog, error) {
	path := l.Path("notify.sock")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	w := &watchdog{conn: conn}
	l.Wrap = []string{"env", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=6000000"}
	go func() {
		last := time.Time{}
		for b := make([]byte, 1024); ; {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			if !strings.Contains(string(b[:n]), "WATCHDOG=1") {
				continue
			}
			if !last.IsZero() {
				w.longest.Store(max(w.longest.Load(), int64(time.Since(last))))
			}
			last = time.Now()
		}
	}()
	return w, nil
}

// hangingDisk: the disk of the state hangs for a while; supervision goes on.
func hangingDisk(l *testlab.Lab) (string, error) {
	remove, err := stateDisk(l)
	if err != nil {
		return "", err
	}
	defer func() { l.Kill(); sweep(l.Dir); remove() }()
	manager, err := newWatchdog(l)
	if err != nil {
		return "", err
	}
	defer manager.conn.Close()
	if err := l.Start(policy(l, "sleep", lively)); err != nil {
		return "", err
	}
	if err := testlab.Wait("the agent runs", func() bool { return agentPID(l) > 0 }); err != nil {
		return "", err
	}
	if out, err := exec.Command("fsfreeze", "-f", l.State()).CombinedOutput(); err != nil {
		return "", skipped{"no disk can be frozen here: " + string(out)}
	}
	slowest, kills := time.Duration(0), 3+random.IntN(3)
	for range kills {
		back, err := killedAndBack(l)
		if err != nil {
			return "", fmt.Errorf("while the disk hangs: %w", err)
		}
		slowest = max(slowest, back)
	}
	s, err := l.Status()
	if err != nil || s.Journal == "" {
		return "", fmt.Errorf("the status does not say that the disk hangs: %q, %w", s.Journal, err)
	}
	if err := exec.Command("fsfreeze", "-u", l.State()).Run(); err != nil {
		return "", err
	}
	if err := testlab.Wait("the journal takes events again", func() bool { s, err := l.Status(); return err == nil && s.Journal == "" }); err != nil {
		return "", err
	}
	if _, err := killedAndBack(l); err != nil {
		return "", fmt.Errorf("after it hung: %w", err)
	}
	n, err := starts(l)
	if lost := unrecorded(l); err != nil || lost > 0 {
		return "", fmt.Errorf("%d of %d starts have no intent in the journal: %w", lost, n, err)
	}
	longest := time.Duration(manager.longest.Load())
	figure := fmt.Sprintf("%d kills, back within %s, watchdog at most %s apart, every intent recorded afterwards", kills, slowest.Round(time.Millisecond), longest.Round(time.Millisecond))
	if slowest > 5*time.Second || longest > 6*time.Second {
		return "", errors.New(figure)
	}
	return figure, nil
}

// killedAndBack kills the agent and returns when another process of it runs.
func killedAndBack(l *testlab.Lab) (time.Duration, error) {
	before, begun := agentPID(l), time.Now()
	if before == 0 {
		return 0, errors.New("the agent is not running")
	}
	_ = syscall.Kill(before, syscall.SIGKILL)
	err := testlab.Wait("the agent runs again", func() bool {
		pid := agentPID(l)
		return pid != before && pid > 0
	})
	return time.Since(begun), err
}

// spoilt is one way in which the state cannot be used.
type spoilt struct {
	name string
	// spoil is done to a state in which a person has stopped the agent "held", before a sidecar starts.
	spoil func(l *testlab.Lab) error
	// forgets says that nothing of what a person wanted can be known.
	forgets bool
}

var spoiltStates = []spoilt{
	{"a folder in place of a segment", func(l *testlab.Lab) error {
		return inPlaceOfSegment(l, func(p string) error { return os.Mkdir(p, 0o700) })
	}, false},
	{"a pipe in place of a segment", func(l *testlab.Lab) error {
		return inPlaceOfSegment(l, func(p string) error { return syscall.Mkfifo(p, 0o600) })
	}, false},
	{"a read-only disk", func(l *testlab.Lab) error { return exec.Command("mount", "-o", "remount,ro", l.State()).Run() }, false},
	{"a flipped bit in the ledger", flipLedger, false},
	{"no agent in the ledger", func(l *testlab.Lab) error {
		return os.WriteFile(filepath.Join(l.State(), "journal", "ledger.json"), []byte(`{"version":1,"seq":1,"state":{"agents":{"held":null,"a":null}}}`), 0o600)
	}, true},
	{"no state at all", func(l *testlab.Lab) error { return exec.Command("sh", "-c", "rm -rf "+l.State()+"/*").Run() }, true},
}

func inPlaceOfSegment(l *testlab.Lab, put func(path string) error) error {
	return put(filepath.Join(l.State(), "journal", fmt.Sprintf("journal-%016d.jsonl", random.IntN(1000))))
}

// flipLedger turns the stop of the agent "held" into something else.
func flipLedger(l *testlab.Lab) error {
	path := filepath.Join(l.State(), "journal", "ledger.json")
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := strings.Index(string(b), `"down":true`)
	if at < 0 {
		return fmt.Errorf("the ledger does not know of the stop: %s", b)
	}
	b[at+1] ^= 1 << random.IntN(5)
	return os.WriteFile(path, b, 0o600)
}

// spoiltState: whatever is wrong with the state, what should run does, and what a person stopped
// stays stopped as long as that can be known.
func spoiltState(l *testlab.Lab) (string, error) {
	remove, err := stateDisk(l)
	if err != nil {
		return "", err
	}
	defer func() { l.Kill(); sweep(l.Dir); remove() }()
	p := "agent \"a\" {\n  command = [\"sleep\", \"300\"]\n}\nagent \"held\" {\n  command = [\"sleep\", \"301\"]\n}\n"
	for _, s := range spoiltStates {
		if err := exec.Command("mount", "-o", "remount,rw", l.State()).Run(); err != nil {
			return "", err
		}
		if err := s.check(l, p); err != nil {
			return "", fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return fmt.Sprintf("%d kinds of damage: what should run runs, what was stopped stays so", len(spoiltStates)), nil
}

func (s spoilt) check(l *testlab.Lab, p string) error {
	if err := exec.Command("sh", "-c", "rm -rf "+l.State()+"/*").Run(); err != nil {
		return err
	}
	if err := l.Start(p); err != nil {
		return err
	}
	if out, err := l.Verb("stop", "held"); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if err := l.Stop(); err != nil {
		return err
	}
	if err := s.spoil(l); err != nil {
		return err
	}
	if err := l.Start(p); err != nil {
		return err
	}
	defer func() { _ = l.Stop() }()
	if err := testlab.Wait("the agent runs", func() bool { return runs(l, "a") }); err != nil {
		return fmt.Errorf("%w: %s", err, l.Log())
	}
	if !s.forgets && runs(l, "held") {
		return errors.New("what a person stopped was started")
	}
	return nil
}

// runs reports whether an agent is running.
func runs(l *testlab.Lab, agent string) bool {
	s, err := l.Status()
	for _, a := range s.Agents {
		if a.Agent == agent {
			return err == nil && a.Running
		}
	}
	return false
}

// vanishedState: the state directory is deleted while the sidecar works with it.
func vanishedState(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "sleep", lively)); err != nil {
		return "", err
	}
	if err := testlab.Wait("the agent runs", func() bool { return agentPID(l) > 0 }); err != nil {
		return "", err
	}
	before := agentPID(l)
	if err := os.RemoveAll(l.State()); err != nil {
		return "", err
	}
	_ = syscall.Kill(before, syscall.SIGKILL)
	begun := time.Now()
	err := testlab.Wait("the agent is back and the sidecar answers", func() bool {
		pid := agentPID(l)
		return pid > 0 && pid != before
	})
	took := time.Since(begun)
	if err != nil || took > 6*time.Second {
		return "", fmt.Errorf("after %s: %w: %s", took, err, l.Log())
	}
	if out, err := l.Verb("stop", "a"); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	l.Kill()
	if err := l.Start(policy(l, "sleep", lively)); err != nil {
		return "", err
	}
	if runs(l, "a") {
		return "", errors.New("what a person stopped was started: the state was not made again")
	}
	n, err := starts(l)
	return fmt.Sprintf("back and answering after %s, %d starts, a stop is remembered", took.Round(time.Millisecond), n), err
}
