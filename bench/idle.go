package main

import (
	"fmt"
	"time"

	"healer-sidecar/testlab"
)

// idleFor is how long an idle sidecar is watched.
const idleFor = 30 * time.Second

// idle measures what a sidecar costs that has nothing to do but to sample one
// sleeping agent once a second.
func idle(l *testlab.Lab) error {
	if err := l.Start("agent \"a\" {\n  command = [\"sleep\", \"3600\"]\n}\n"); err != nil {
		return err
	}
	defer stop(l)
	time.Sleep(3 * time.Second)
	pid := l.Cmd.Process.Pid
	before := testlab.CPUTime(pid)
	time.Sleep(idleFor)
	used, rss := testlab.CPUTime(pid)-before, testlab.Resident(pid)
	row("idle with one agent: resident memory", fmt.Sprintf("%.1f MiB", float64(rss)/1024), "-", "", "wanted 18 MiB at most")
	row("idle with one agent: CPU a minute", fmt.Sprintf("%.3f s", used.Seconds()*float64(time.Minute/idleFor)), "-", "", "wanted 0.15 s at most")
	return nil
}
