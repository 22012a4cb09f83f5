package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

const (
	// crowdFiles lie in the folder, crowdWrites of them are appended to each second for
	// crowdFor.
	crowdFiles, crowdWrites, crowdFor = 10_000, 100, 10 * time.Second
	// Bounds: descriptors, share of a core, growth of memory, time to see a line.
	crowdOpen, crowdCPU, crowdMiB, crowdSeen = 512, 0.3, 32, 3 * time.Second
)

// crowd: a folder of ten thousand logs, of which a hundred are written to each second.
func crowd(l *testlab.Lab) (string, error) {
	dir := l.Path("logs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for i := range crowdFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.log", i)), []byte("old MARK\n"), 0o600); err != nil {
			return "", err
		}
	}
	alone := &testlab.Lab{Bin: l.Bin, Dir: l.Path("alone")}
	base, err := settled(alone, shell(alone, "sleep 600", ""))
	if err != nil {
		return "", err
	}
	if err := alone.Stop(); err != nil {
		return "", err
	}
	extra := fmt.Sprintf("  detect \"log\" \"crowd\" {\n    path = %q\n    rule \"mark\" {\n      match = \"MARK\"\n      type  = \"execution_failure\"\n    }\n  }\n  heal {\n    shadow = true\n  }\n", dir+"/*.log")
	if _, err := settled(l, shell(l, "sleep 600", extra)); err != nil {
		return "", err
	}
	return watchCrowd(l, dir, base)
}

// settled starts a policy and returns the resident memory once it has settled, in KiB.
func settled(l *testlab.Lab, policy string) (int, error) {
	if err := l.Start(policy); err != nil {
		return 0, err
	}
	time.Sleep(3 * time.Second)
	return testlab.Resident(l.PID()), nil
}

func watchCrowd(l *testlab.Lab, dir string, base int) (string, error) {
	if err := l.Follow(); err != nil {
		return "", err
	}
	before, begun := testlab.CPUTime(l.PID()), time.Now()
	most := 0
	tick := time.NewTicker(time.Second / crowdWrites)
	defer tick.Stop()
	for time.Since(begun) < crowdFor {
		<-tick.C
		if err := appendLine(dir, rand.IntN(crowdFiles), "all is well\n"); err != nil {
			return "", err
		}
		most = max(most, testlab.Descriptors(l.PID()))
	}
	share := float64(testlab.CPUTime(l.PID())-before) / float64(time.Since(begun))
	grown := (testlab.Resident(l.PID()) - base) >> 10
	marked := time.Now()
	if err := appendLine(dir, rand.IntN(crowdFiles), "MARK\n"); err != nil {
		return "", err
	}
	e, err := l.Until(heal.EventSignal)
	if err != nil {
		return "", err
	}
	seen := time.Since(marked)
	figure := fmt.Sprintf("%d files, %d fds, %d inotify, %.1f %% of a core, %d MiB more, a line seen after %s (%s)",
		crowdFiles, most, inotifies(l.PID()), 100*share, grown, seen.Round(time.Millisecond), e.Signal.Detector)
	if most > crowdOpen || inotifies(l.PID()) > 1 || share > crowdCPU || grown > crowdMiB || seen > crowdSeen {
		return "", fmt.Errorf("beyond the bounds: %s", figure)
	}
	return figure, nil
}

func appendLine(dir string, n int, line string) error {
	f, err := appendTo(filepath.Join(dir, fmt.Sprintf("%05d.log", n)))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(line)
	return err
}

// inotifies counts the instances of inotify that a process holds.
func inotifies(pid int) (n int) {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if to, _ := os.Readlink(filepath.Join(dir, e.Name())); strings.Contains(to, "inotify") {
			n++
		}
	}
	return n
}
