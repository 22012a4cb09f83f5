package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

// peak is the most memory that the sidecar ever held, in KiB.
func peak(l *testlab.Lab) int { return testlab.Peak(l.PID()) }

// idlePeak starts a sidecar with an agent that does nothing, to compare with.
func idlePeak(l *testlab.Lab) (int, error) {
	if err := l.Start(shell(l, "sleep 1000", "")); err != nil {
		return 0, err
	}
	time.Sleep(3 * time.Second)
	n := peak(l)
	err := l.Stop()
	_ = os.RemoveAll(l.State())
	return n, err
}

// exitOf waits for the end of the agent and returns what it was judged to be.
func exitOf(l *testlab.Lab, within time.Duration) (heal.Event, error) {
	late := time.After(within)
	for {
		select {
		case e := <-l.Events:
			if e.Kind == heal.EventExited || e.Kind == heal.EventFinished {
				return e, nil
			}
		case <-late:
			return heal.Event{}, errors.New("the agent did not end")
		}
	}
}

// giantLine: a gigabyte without a line end.
func giantLine(l *testlab.Lab) (string, error) {
	base, err := idlePeak(l)
	if err != nil {
		return "", err
	}
	if err := l.Begin(shell(l, "head -c 1G /dev/zero | tr '\\0' a; sleep 0.2; exit 7", once)); err != nil {
		return "", err
	}
	if err := follows(l); err != nil {
		return "", err
	}
	begun := time.Now()
	if _, err := exitOf(l, time.Minute); err != nil {
		return "", err
	}
	took, grown := time.Since(begun), peak(l)-base
	figure := fmt.Sprintf("ended after %s, %+d KiB", took.Round(time.Millisecond), grown)
	if grown > 16<<10 {
		return "", errors.New(figure)
	}
	return figure, nil
}

// once is a policy that calls people at the first failure.
const once = `  heal {
    on_limit = "stop"
    on "unknown" {
      strategies = ["escalate"]
    }
    on "resource_exhaustion" {
      strategies = ["escalate"]
    }
  }
`

// held is once for a row that asks the sidecar afterwards: with nothing left to do it would end.
var held = strings.Replace(once, `"stop"`, `"hold"`, 1)

func follows(l *testlab.Lab) error {
	for begun := time.Now(); time.Since(begun) < testlab.Patience; time.Sleep(time.Millisecond) {
		if _, err := l.Status(); err == nil {
			return l.Follow()
		}
	}
	return errors.New("the sidecar did not answer")
}

// flood: the agent writes as fast as it can, then one telling line, and dies.
func flood(l *testlab.Lab) (string, error) {
	base, err := idlePeak(l)
	if err != nil {
		return "", err
	}
	line := strings.Repeat("the usual words of a usual line of output, ", 3)[:119]
	write := fmt.Sprintf("yes '%s' | head -n 8000000", line)
	alone := time.Now()
	if err := exec.Command("sh", "-c", write+" > "+l.Path("alone")).Run(); err != nil {
		return "", err
	}
	aloneTook := time.Since(alone)
	_ = os.Remove(l.Path("alone"))
	script := fmt.Sprintf("date +%%s%%N > %s; %s; date +%%s%%N > %s; echo 'FATAL: no space left on device'; exit 7", l.Path("from"), write, l.Path("to"))
	if err := l.Begin(shell(l, script, once)); err != nil {
		return "", err
	}
	if err := follows(l); err != nil {
		return "", err
	}
	if _, err := exitOf(l, 2*time.Minute); err != nil {
		return "", err
	}
	ended := time.Now()
	e, err := l.Until(heal.EventDiagnosed)
	if err != nil {
		return "", err
	}
	judged, took := time.Since(ended), span(l)
	disk := blocks(l.Path("state/agents/a"))
	figure := fmt.Sprintf("960 MB in %s, %s alone (%.2f), %+d KiB, %d MiB of disk, last line %s after the end, %s", took.Round(time.Millisecond),
		aloneTook.Round(time.Millisecond), float64(took)/float64(aloneTook), peak(l)-base, disk>>20, judged.Round(time.Millisecond), e.Diag.Type)
	if e.Diag.Type != heal.ResourceExhaustion || judged > 2*time.Second || peak(l)-base > 24<<10 {
		return "", errors.New(figure)
	}
	return figure, nil
}

func span(l *testlab.Lab) time.Duration {
	var from, to int64
	_, _ = fmt.Sscan(readFile(l, "from"), &from)
	_, _ = fmt.Sscan(readFile(l, "to"), &to)
	return time.Duration(to - from)
}

// blocks is what a folder takes on the disk.
func blocks(dir string) int64 {
	sum := int64(0)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			sum += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
	}
	return sum
}

// binaryNoise: output that is no text.
func binaryNoise(l *testlab.Lab) (string, error) {
	base, err := idlePeak(l)
	if err != nil {
		return "", err
	}
	if err := l.Begin(shell(l, "head -c 256M /dev/urandom; exit 7", once)); err != nil {
		return "", err
	}
	if err := follows(l); err != nil {
		return "", err
	}
	if _, err := exitOf(l, time.Minute); err != nil {
		return "", err
	}
	if _, err := l.Until(heal.EventDiagnosed); err != nil {
		return "", err
	}
	if events, err := l.Recorded(); err != nil || len(events) < 5 {
		return "", fmt.Errorf("%d records can be read: %w", len(events), err)
	}
	figure := fmt.Sprintf("256 MB of noise, %+d KiB, every record is read back", peak(l)-base)
	if peak(l)-base > 16<<10 {
		return "", errors.New(figure)
	}
	return figure, nil
}

// oddTargets: what a log may not be.
func oddTargets(l *testlab.Lab) (string, error) {
	if err := os.MkdirAll(l.Path("dir"), 0o700); err != nil {
		return "", err
	}
	if err := syscall.Mkfifo(l.Path("fifo"), 0o600); err != nil {
		return "", err
	}
	secret := l.Path("secret")
	if err := errors.Join(os.WriteFile(secret, []byte("canary of a secret\n"), 0o600), os.Symlink(secret, l.Path("link"))); err != nil {
		return "", err
	}
	targets := []string{l.Path("dir"), l.Path("fifo"), l.Path("link"), "/dev/zero", "/proc/self/mem", "/dev/tty"}
	policy := ""
	for i, t := range targets {
		policy += fmt.Sprintf("  detect \"log\" \"odd%d\" {\n    path = %q\n  }\n", i, t)
	}
	if err := l.Start(shell(l, "sleep 1000", policy)); err != nil {
		return "", err
	}
	refused := func() bool {
		a, err := l.Agent()
		return err == nil && len(a.Unknown) >= len(targets)-1 // a terminal may not be there
	}
	if err := testlab.Wait("each is refused", refused); err != nil {
		a, _ := l.Agent()
		return "", fmt.Errorf("%w: %v", err, a.Unknown)
	}
	if err := os.WriteFile(secret, []byte("canary of a secret, again\n"), 0o600); err != nil {
		return "", err
	}
	time.Sleep(time.Second)
	found, _ := exec.Command("grep", "-r", "canary", filepath.Join(l.State(), "journal")).Output()
	if len(found) > 0 {
		return "", fmt.Errorf("a canary got into the journal: %s", found)
	}
	return fmt.Sprintf("%d targets refused, no canary seen", len(targets)), nil
}
