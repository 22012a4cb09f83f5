package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// reaction measures from a line that matches, and from a death, to what the engine
// recorded about it.
func reaction(l *testlab.Lab) error {
	return errors.Join(lineReaction(l), exitReaction(&testlab.Lab{Bin: l.Bin, Dir: l.Dir + "-exit"}))
}

func lineReaction(l *testlab.Lab) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	policy := fmt.Sprintf(`agent "a" {
  command = [%q, %q, "50"]
  detect "log" "stdout" {
    rule "marker" {
      match = "^marker "
      type  = "performance_degradation"
    }
  }
  heal {
    on "performance_degradation" {
      strategies = ["escalate"]
    }
  }
}
`, self, talkMode)
	if err := l.Start(policy); err != nil {
		return err
	}
	defer stop(l)
	if err := l.Follow(); err != nil {
		return err
	}
	lines, err := lineDelays(l)
	if err != nil {
		return err
	}
	row("line written to signal in the engine, median", ms(quantile(lines, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(lines, 0.99)), "-", "", "wanted 20 ms at most")
	return nil
}

func exitReaction(l *testlab.Lab) error {
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
	if err := l.Follow(); err != nil {
		return err
	}
	exits, err := exitDelays(l, stamps)
	if err != nil {
		return err
	}
	row("death to diagnosis on the disk, median", ms(quantile(exits, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(exits, 0.99)), "-", "", "wanted 10 ms at most")
	return nil
}

func lineDelays(l *testlab.Lab) ([]time.Duration, error) {
	var all []time.Duration
	for len(all) < 2*rounds {
		e, err := l.Until(heal.EventSignal)
		if err != nil {
			return nil, err
		}
		var written time.Duration
		if _, err := fmt.Sscanf(e.Signal.Text, "marker %d", &written); err == nil {
			all = append(all, e.At.Mono-written)
		}
	}
	return all, nil
}

// exitDelays takes the moment at which the report of the next attempt was recorded:
// the diagnosis was on the disk by then, because the disk is waited for first.
func exitDelays(l *testlab.Lab, stamps string) ([]time.Duration, error) {
	var all []time.Duration
	for range rounds {
		time.Sleep(100 * time.Millisecond)
		for len(l.Events) > 0 {
			<-l.Events
		}
		pid, _, err := last(stamps)
		if err != nil {
			return nil, err
		}
		killed := testlab.Now()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return nil, err
		}
		e, err := l.Until(heal.EventResult)
		if err != nil {
			return nil, err
		}
		all = append(all, e.At.Mono-killed)
	}
	return all, nil
}
