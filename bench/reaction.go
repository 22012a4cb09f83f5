package main

import (
	"errors"
	"fmt"
	"os"
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
	lines, err := measured(l, policy, lineDelays)
	if err != nil {
		return err
	}
	row("line written to signal in the engine, median", ms(quantile(lines, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(lines, 0.99)), "-", "", "wanted 10 ms at most")
	return nil
}

func exitReaction(l *testlab.Lab) error {
	// The remedy waits, so that nothing but the way to the disk is measured.
	policy := `agent "a" {
  command = ["sleep", "3600"]
  detect "exit" {
    map = { "SIGKILL" = "dependency_failure" }
  }
}
`
	var seen []time.Duration
	exits, err := measured(l, policy, func(l *testlab.Lab) (onDisk []time.Duration, err error) {
		seen, onDisk, err = exitDelays(l)
		return onDisk, err
	})
	if err != nil {
		return err
	}
	row("death to signal in the engine, median", ms(quantile(seen, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(seen, 0.99)), "-", "", "wanted 5 ms at most")
	row("death to diagnosis on the disk, median", ms(quantile(exits, 0.5)), "-", "", "")
	row("the same, 99 of 100", ms(quantile(exits, 0.99)), "-", "", "wanted 10 ms at most")
	return nil
}

// measured takes delays from a sidecar that runs a policy.
func measured(l *testlab.Lab, policy string, delays func(*testlab.Lab) ([]time.Duration, error)) ([]time.Duration, error) {
	if err := l.Start(policy); err != nil {
		return nil, err
	}
	defer stop(l)
	if err := l.Follow(); err != nil {
		return nil, err
	}
	return delays(l)
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

// exitDelays takes the moment at which the engine knew of an end, and the one at which a
// client is told of the diagnosis: it is told only of what is on the disk.
func exitDelays(l *testlab.Lab) (seen, onDisk []time.Duration, err error) {
	for range 2 * rounds {
		if _, err := l.Verb("restart", "a"); err != nil {
			return nil, nil, err
		}
		a, err := l.Agent()
		if err != nil {
			return nil, nil, err
		}
		time.Sleep(50 * time.Millisecond)
		for len(l.Events) > 0 {
			<-l.Events
		}
		killed := testlab.Now()
		if err := syscall.Kill(a.Process.PID, syscall.SIGKILL); err != nil {
			return nil, nil, err
		}
		ended, err := l.Until(heal.EventExited)
		if err != nil {
			return nil, nil, err
		}
		if _, err := l.Until(heal.EventDiagnosed); err != nil {
			return nil, nil, err
		}
		seen, onDisk = append(seen, ended.At.Mono-killed), append(onDisk, testlab.Now()-killed)
	}
	return seen, onDisk, nil
}
