package main

import (
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

const storm = `  heal {
    budget {
      attempts = 1000
      window   = "60s"
    }
    backoff {
      base = "0s"
    }
    strategy "restart" {
      tries = 1000
    }
    on "unknown" {
      strategies = ["restart", "escalate"]
    }
  }
`

// restartStorm: an agent that dies at once may be started as often as the budget
// says, not more, and that costs little.
func restartStorm(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "exit:1:0", storm)); err != nil {
		return "", err
	}
	pid := l.PID()
	time.Sleep(2 * time.Second)
	fds, rss, cpu := testlab.Descriptors(pid), testlab.Resident(pid), testlab.CPUTime(pid)
	time.Sleep(60 * time.Second)
	n, err := starts(l)
	if err != nil {
		return "", err
	}
	grown := testlab.Resident(pid) - rss
	load := (testlab.CPUTime(pid) - cpu).Seconds() / 60
	figure := fmt.Sprintf("%d starts, %.0f %% of a core, %+d KiB, %+d descriptors, %d zombies, %d escalations",
		n, 100*load, grown, testlab.Descriptors(pid)-fds, testlab.ZombiesOf(pid), l.Count(heal.EventSlow))
	switch {
	case mostIn(testlab.Ledger(l.Dir), time.Minute) > 1001: // the first start is no attempt
		return "", fmt.Errorf("more starts in a minute than the budget allows: %s", figure)
	case load > 0.25 || grown > 8<<10 || testlab.Descriptors(pid)-fds > 5 || testlab.ZombiesOf(pid) > 1:
		return "", fmt.Errorf("it costs too much: %s", figure)
	}
	return figure, nil
}

// mostIn is the greatest number of starts inside any window.
func mostIn(all []testlab.Entry, window time.Duration) int {
	most, from := 0, 0
	var at []time.Duration
	for _, e := range all {
		if e.What == "start" {
			at = append(at, e.At)
		}
	}
	for i := range at {
		for at[i]-at[from] >= window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// crashLoop: under the defaults an agent that always dies is given up inside the
// documented budget, with growing delays and one call for people.
func crashLoop(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "exit:1:0", "")); err != nil {
		return "", err
	}
	time.Sleep(120 * time.Second)
	n, err := starts(l)
	if err != nil {
		return "", err
	}
	a, err := l.Agent()
	if err != nil {
		return "", err
	}
	figure := fmt.Sprintf("%d starts, health %s", n, a.Health)
	told := 0
	events, err := l.Recorded()
	if err != nil {
		return "", err
	}
	for _, e := range events {
		if e.Kind == heal.EventAttempt && e.Attempt.Strategy == heal.Escalate {
			told++
		}
	}
	if n > 6 || told != 1 || a.Health != "slow" {
		return "", fmt.Errorf("%s, people were told %d times", figure, told)
	}
	return figure + ", people were told once", nil
}

// budgetSurvives: whoever kills the sidecar again and again gets no more starts.
func budgetSurvives(l *testlab.Lab) (string, error) {
	const tight = `  heal {
    budget {
      attempts = 5
      window   = "10m"
    }
    backoff {
      base = "50ms"
      max  = "100ms"
    }
  }
`
	p := policy(l, "exit:1:30", tight)
	for range 8 {
		if err := l.Start(p); err != nil {
			return "", err
		}
		before, _ := starts(l)
		_ = testlab.Wait("two crashes", func() bool {
			n, _ := starts(l)
			a, err := l.Agent()
			return n >= before+2 || err == nil && a.Health == "slow"
		})
		l.Kill()
	}
	n, err := starts(l)
	if err != nil {
		return "", err
	}
	if n > 6 { // the first start, and the budget
		return "", fmt.Errorf("%d starts on a budget of 5", n)
	}
	return fmt.Sprintf("%d starts over 8 lives of the sidecar, the first and a budget of 5", n), nil
}
