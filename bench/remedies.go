package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
	"healer-sidecar/testlab"
)

// remedies measures what remedies do to real processes.
func remedies(l *testlab.Lab) error {
	at := func(name string) *testlab.Lab { return &testlab.Lab{Bin: l.Bin, Dir: l.Dir + name} }
	return errors.Join(throttles(), isolates(at("i")), keeps(at("k")))
}

// share is what a tree burns of a core over a while, in percent.
func share(pid int, over time.Duration) float64 {
	before, begun := testlab.CPUTime(pid), time.Now()
	time.Sleep(over)
	return 100 * float64(testlab.CPUTime(pid)-before) / float64(time.Since(begun))
}

// throttles holds a process that burns a core to a fifth of one, by each means.
func throttles() error {
	for _, how := range []string{"cgroup", "duty cycle"} {
		cmd := exec.Command("sh", "-c", "while :; do :; done")
		if err := cmd.Start(); err != nil {
			return err
		}
		id, err := procfs.Identify(cmd.Process.Pid)
		if err != nil {
			return err
		}
		tree := procs.NewTree(id, "bench", nil, procs.NewReaper())
		var stop func()
		if how == "cgroup" {
			limiter := cgroup.NewLimiter(fmt.Sprintf("healer-bench-%d", id.PID), tree, nil, nil)
			if _, err := limiter.Apply(cgroup.Limits{CPU: 20}); err != nil {
				row("cpu of a core burner held to 20 % by "+how, "-", "-", "", "cannot: "+err.Error())
			}
			stop = func() { _ = limiter.Remove() }
		} else {
			stop = sampling.StartDuty(tree, 20).Stop
		}
		got := share(id.PID, 4*time.Second)
		stop()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		row("cpu of a core burner held to 20 % by "+how, fmt.Sprintf("%.1f %%", got), "20 %", fmt.Sprintf("%+.1f", got-20), map[string]string{"cgroup": "wanted within 3 points", "duty cycle": "wanted within 8 points"}[how])
	}
	return nil
}

// isolates measures from the line of a violation to a tree of fifty that does nothing.
func isolates(l *testlab.Lab) error {
	policy := fmt.Sprintf(`agent "a" {
  command = ["sh", "-c", "for i in $(seq 49); do sleep 1000 & done; while :; do if test -e now; then rm now; date +%%%%s%%%%N >line; echo GUARDRAIL VIOLATION; fi; sleep 0.01; done"]
  dir = %q
  detect "log" "stdout" {
    rule "guardrail" {
      match = "GUARDRAIL VIOLATION"
      type  = "safety_violation"
    }
  }
}
`, l.Dir)
	if err := l.Start(strings.ReplaceAll(policy, "%%", "%")); err != nil {
		return err
	}
	defer stop(l)
	if err := l.Follow(); err != nil {
		return err
	}
	var froze, all []time.Duration
	for range 20 {
		if err := os.WriteFile(l.Path("now"), nil, 0o600); err != nil {
			return err
		}
		e, err := l.Until(heal.EventResult)
		for err == nil && (e.Result == nil || !strings.Contains(strings.Join(e.Result.InForce, ""), "evidence")) {
			e, err = l.Until(heal.EventResult)
		}
		if err != nil {
			return err
		}
		var wrote int64
		b, _ := os.ReadFile(l.Path("line"))
		_, _ = fmt.Sscan(string(b), &wrote)
		froze = append(froze, e.Result.Took)
		all = append(all, e.At.Wall.Sub(time.Unix(0, wrote)))
		if _, err := l.Verb("release", "a"); err != nil {
			return err
		}
	}
	row("freeze of 50 processes with evidence, 95 of 100", ms(quantile(froze, 0.95)), "-", "", "wanted 100 ms at most for the freeze")
	row("line of a violation to all of it done, 95 of 100", ms(quantile(all, 0.95)), "-", "", "wanted 250 ms at most")
	return nil
}

const keptFiles, keptBytes = 10_000, 1 << 30

// keeps takes a good generation of ten thousand files, beside cp.
func keeps(l *testlab.Lab) error {
	work := l.Path("work")
	for i := range 100 {
		if err := os.MkdirAll(filepath.Join(work, fmt.Sprint(i)), 0o700); err != nil {
			return err
		}
	}
	block := make([]byte, keptBytes/keptFiles)
	for i := range keptFiles {
		_, _ = io.ReadFull(rand.Reader, block[:64])
		if err := os.WriteFile(filepath.Join(work, fmt.Sprint(i%100), fmt.Sprint(i)), block, 0o600); err != nil {
			return err
		}
	}
	if err := l.Start(fmt.Sprintf("agent \"a\" {\n  command = [\"sleep\", \"3600\"]\n  dir = %q\n  snapshot \"s\" {\n    paths = [\"work\"]\n    max_size = \"4GiB\"\n    after = \"1h\"\n    keep = 1\n  }\n}\n", l.Dir)); err != nil {
		return err
	}
	defer stop(l)
	ours, base := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for round := range 3 {
		if err := os.WriteFile(filepath.Join(work, "round"), fmt.Append(nil, round), 0o600); err != nil {
			return err
		}
		begun := time.Now()
		if out, err := exec.Command("cp", "-a", "--reflink=auto", work, l.Path(fmt.Sprint("copy", round))).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		base = min(base, time.Since(begun))
		_ = os.RemoveAll(l.Path(fmt.Sprint("copy", round)))
		begun = time.Now()
		if _, err := l.Verb("snapshots", "take", "a"); err != nil {
			return err
		}
		ours = min(ours, time.Since(begun))
	}
	row("good generation of 10,000 files, 1 GiB, beside cp -a", ms(ours), ms(base), fmt.Sprintf("%.2f", float64(ours)/float64(base)), "wanted 1.1 at most; with sums")
	return nil
}
