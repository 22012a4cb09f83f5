package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
)

// reaction measures from a line that matches, and from a death, to what the engine
// recorded about it.
func reaction(l *lab) error {
	return errors.Join(lineReaction(l), exitReaction(&lab{bin: l.bin, dir: l.dir + "-exit"}))
}

func lineReaction(l *lab) error {
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
	if err := l.start(policy); err != nil {
		return err
	}
	defer l.stop()
	lines, err := l.lineDelays()
	if err != nil {
		return err
	}
	row("line written to signal in the engine, median", ms(quantile(lines, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(lines, 0.99)), "-", "", "wanted 20 ms at most")
	return nil
}

func exitReaction(l *lab) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	tick, err := l.buildTick()
	if err != nil {
		return err
	}
	stamps := filepath.Join(l.dir, "stamps")
	if err := l.start(restartPolicy(tick, stamps)); err != nil {
		return err
	}
	defer l.stop()
	exits, err := l.exitDelays(stamps)
	if err != nil {
		return err
	}
	row("death to diagnosis on the disk, median", ms(quantile(exits, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(exits, 0.99)), "-", "", "wanted 10 ms at most")
	return nil
}

func (l *lab) lineDelays() ([]time.Duration, error) {
	var all []time.Duration
	for len(all) < 2*rounds {
		e, err := l.until(heal.EventSignal)
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
func (l *lab) exitDelays(stamps string) ([]time.Duration, error) {
	var all []time.Duration
	for range rounds {
		time.Sleep(100 * time.Millisecond)
		for len(l.events) > 0 {
			<-l.events
		}
		pid, _, err := last(stamps)
		if err != nil {
			return nil, err
		}
		killed := now()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			return nil, err
		}
		e, err := l.until(heal.EventResult)
		if err != nil {
			return nil, err
		}
		all = append(all, e.At.Mono-killed)
	}
	return all, nil
}
