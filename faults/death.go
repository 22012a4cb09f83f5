package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

const lively = `  heal {
    verify_for    = "50ms"
    healthy_after = "50ms"
    budget {
      attempts = 1000
      window   = "1h"
    }
    backoff {
      base = "20ms"
      max  = "50ms"
    }
    strategy "restart" {
      tries = 1000
    }
    on "unknown" {
      strategies = ["restart", "escalate"]
    }
  }
`

// killRounds is how often the sidecar is killed; HF_ROUNDS overrides it.
const killRounds = 500

// killAtRandom: at whatever point the sidecar dies, the next one supervises again
// soon, starts no second copy, and has lost nothing that it had said.
func killAtRandom(l *testlab.Lab) (string, error) {
	rounds := killRounds
	if n, err := strconv.Atoi(os.Getenv("HF_ROUNDS")); err == nil {
		rounds = n
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	p := policy(l, "exit:1:150", lively)
	var back []time.Duration
	for round := range rounds {
		begun := time.Now()
		if err := l.Start(p); err != nil {
			return "", fmt.Errorf("round %d, seed %d: %w", round, seed, err)
		}
		back = append(back, time.Since(begun))
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
		l.Kill()
	}
	n, err := starts(l)
	if err != nil {
		return "", fmt.Errorf("seed %d: %w", seed, err)
	}
	if lost := unrecorded(l); lost > 0 {
		return "", fmt.Errorf("seed %d: %d of %d starts have no intent in the journal", seed, lost, n)
	}
	slices.Sort(back)
	p99 := back[len(back)*99/100]
	figure := fmt.Sprintf("%d kills, %d starts, 0 copies, supervising again p99 %s, max %s", rounds, n, p99.Round(time.Millisecond), back[len(back)-1].Round(time.Millisecond))
	if p99 > 2*time.Second {
		return "", errors.New(figure)
	}
	return figure, nil
}

// unrecorded counts the starts of the ledger that exceed the intents of the journal.
func unrecorded(l *testlab.Lab) int {
	events, _ := l.Recorded()
	intents := 0
	for _, e := range events {
		if e.Kind == heal.EventAttempt && e.Attempt.Strategy != heal.Escalate {
			intents++
		}
	}
	n, _ := starts(l)
	return max(n-intents, 0)
}

// killAtWrite kills the sidecar at each of its first durable writes, while commands
// come from people.
func killAtWrite(l *testlab.Lab) (string, error) {
	if _, err := exec.LookPath("strace"); err != nil {
		return "", skipped{"strace is not installed"}
	}
	writes := 40
	if quick {
		writes = 8
	}
	p := policy(l, "exit:1:50", lively)
	for n := 1; n <= writes; n++ {
		l.Wrap = []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", fmt.Sprintf("inject=fdatasync:signal=KILL:when=%d", n)}
		if err := l.Begin(p); err != nil {
			return "", err
		}
		commandsUntilDeath(l, n)
		l.Wrap = nil
		if err := l.Start(p); err != nil {
			return "", fmt.Errorf("after a kill at write %d: %w", n, err)
		}
		if _, err := l.Verb("start", "a"); err != nil { // a stop may have been the last word
			return "", fmt.Errorf("after a kill at write %d: %w", n, err)
		}
		if err := testlab.Wait("the agent runs again", func() bool { a, err := l.Agent(); return err == nil && a.Running }); err != nil {
			return "", fmt.Errorf("after a kill at write %d: %w", n, err)
		}
		l.Kill()
	}
	n, err := starts(l)
	return fmt.Sprintf("%d writes, %d starts, 0 copies, 0 manual steps", writes, n), err
}

// commandsUntilDeath orders one thing after the other until the sidecar is dead.
func commandsUntilDeath(l *testlab.Lab, n int) {
	done := make(chan struct{})
	go func() { _ = l.Cmd.Wait(); close(done) }()
	late := time.After(10 * time.Second)
	orders := []string{"restart", "stop", "start"}
	for i := n; ; i++ {
		select {
		case <-done:
			return
		case <-late:
			_ = syscall.Kill(l.PID(), syscall.SIGKILL)
			<-done
			return
		case <-time.After(20 * time.Millisecond):
			_, _ = l.Verb(orders[i%len(orders)], "a")
		}
	}
}

// outputSurvives: the agent writes on while nobody reads, and what it wrote is read
// afterwards.
func outputSurvives(l *testlab.Lab) (string, error) {
	p := policy(l, "count", "  detect \"log\" \"stdout\" {\n    rule \"late\" {\n      match = \"^number [0-9]*7777$\"\n      type = \"unknown\"\n    }\n  }\n")
	if err := l.Start(p); err != nil {
		return "", err
	}
	time.Sleep(2 * time.Second)
	l.Kill()
	time.Sleep(10 * time.Second)
	if err := l.Start(p); err != nil {
		return "", err
	}
	n, err := starts(l)
	if err != nil || n != 1 {
		return "", fmt.Errorf("%d starts: %w", n, err)
	}
	if err := testlab.Wait("a line of the gap is seen", func() bool { return l.Count(heal.EventSignal) > 0 }); err != nil {
		return "", err
	}
	return gapless(l)
}

// gapless reads the output as it lies on the disk and looks for a missing number.
func gapless(l *testlab.Lab) (string, error) {
	b, err := os.ReadFile(l.Path("state/agents/a/stdout.log"))
	if err != nil {
		return "", err
	}
	want := 0
	for line := range strings.Lines(strings.TrimLeft(string(b), "\x00")) {
		n := 0
		if _, err := fmt.Sscanf(line, "number %d\n", &n); err != nil {
			continue
		}
		if want > 0 && n != want {
			return "", fmt.Errorf("after number %d comes %d", want-1, n)
		}
		want = n + 1
	}
	slow, _ := os.ReadFile(l.Path("slowest"))
	ns, _ := strconv.ParseInt(string(slow), 10, 64)
	figure := fmt.Sprintf("%d lines without a gap, slowest write %s", want-1, time.Duration(ns).Round(time.Microsecond))
	if time.Duration(ns) > 100*time.Millisecond {
		return "", errors.New(figure)
	}
	return figure, nil
}

// stoppedSidecar: a sidecar that is stopped holds nothing up and suspects nobody.
func stoppedSidecar(l *testlab.Lab) (string, error) {
	if err := l.Start(policy(l, "count", "")); err != nil {
		return "", err
	}
	if err := syscall.Kill(l.PID(), syscall.SIGSTOP); err != nil {
		return "", err
	}
	time.Sleep(15 * time.Second)
	_ = syscall.Kill(l.PID(), syscall.SIGCONT)
	time.Sleep(2 * time.Second)
	if n, err := starts(l); err != nil || n != 1 {
		return "", fmt.Errorf("%d starts: %w", n, err)
	}
	if n := l.Count(heal.EventOpened); n > 0 {
		return "", fmt.Errorf("%d incidents were opened", n)
	}
	return gapless(l)
}
