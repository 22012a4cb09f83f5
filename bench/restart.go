package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// rounds of each side of a comparison.
const rounds = 60

// restart compares the time from the death of an agent to the main function of the
// next with a bare loop of fork, exec and wait.
func restart(l *testlab.Lab) error {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	tick, err := buildTick(l)
	if err != nil {
		return err
	}
	stamps := filepath.Join(l.Dir, "stamps")
	if err := l.Start(restartPolicy(tick, stamps)); err != nil {
		return err
	}
	defer stop(l)
	bareStamps := filepath.Join(l.Dir, "bare")
	end := make(chan struct{})
	bareDone := make(chan error, 1)
	go func() { bareDone <- bareLoop(tick, bareStamps, end) }()
	ours, bare, err := alternate(stamps, bareStamps)
	close(end)
	if err == nil {
		err = killLast(bareStamps)
	}
	if err := errors.Join(err, <-bareDone); err != nil {
		return err
	}
	o, b := quantile(ours, 0.5), quantile(bare, 0.5)
	row("SIGKILL of a stable agent to the next main(), median", ms(o), ms(b), fmt.Sprintf("%.2f", float64(o)/float64(b)), fmt.Sprintf("%+.2f ms; wanted +1.50 at most", float64(o-b)/1e6))
	row("the same, 95 of 100", ms(quantile(ours, 0.95)), ms(quantile(bare, 0.95)), "", "baseline: fork, exec, wait in a loop")
	return nil
}

// restartPolicy lets nothing but the work itself delay a restart.
func restartPolicy(tick, stamps string) string {
	return fmt.Sprintf(`agent "a" {
  command = [%q, %q]
  heal {
    verify_for    = "20ms"
    healthy_after = "10ms"
    budget {
      attempts = 1000
      window   = "1h"
    }
  }
}
`, tick, stamps)
}

// alternate kills the agent of either side in turn.
func alternate(a, b string) (ours, bare []time.Duration, err error) {
	for range rounds {
		d, err := killOnce(a)
		if err != nil {
			return nil, nil, err
		}
		ours = append(ours, d)
		if d, err = killOnce(b); err != nil {
			return nil, nil, err
		}
		bare = append(bare, d)
	}
	return ours, bare, nil
}

// killOnce kills the process of the last stamp and waits for the next stamp.
func killOnce(stamps string) (time.Duration, error) {
	time.Sleep(100 * time.Millisecond) // the agent is stable, the verification is over
	pid, before, err := last(stamps)
	if err != nil {
		return 0, err
	}
	killed := testlab.Now()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return 0, err
	}
	// Looking at once would take the time from the very thing that is measured.
	for time.Duration(testlab.Now()-killed) < testlab.Patience {
		time.Sleep(100 * time.Millisecond)
		if _, at, err := last(stamps); err == nil && at != before {
			return at - killed, nil
		}
	}
	return 0, errors.New("the agent did not come back")
}

func killLast(stamps string) error {
	pid, _, err := last(stamps)
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// last reads the newest stamp.
func last(path string) (pid int, at time.Duration, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	_, err = fmt.Sscan(lines[len(lines)-1], &pid, &at)
	return pid, at, err
}

// bareLoop is what any supervisor does at least.
func bareLoop(tick, stamps string, end <-chan struct{}) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	for {
		pid, err := syscall.ForkExec(tick, []string{tick, stamps}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{null.Fd(), null.Fd(), null.Fd()}})
		if err != nil {
			return err
		}
		var status syscall.WaitStatus
		for {
			if _, err := syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
				break
			}
		}
		select {
		case <-end:
			return nil
		default:
		}
	}
}
