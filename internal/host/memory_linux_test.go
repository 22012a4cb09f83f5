package host

import (
	"os"
	"testing"

	"healer-sidecar/internal/host/sampling"
)

// pool shares 40 MiB among eleven processes.
const pool = `
import mmap, os, time
m = mmap.mmap(-1, 40 << 20)
for i in range(0, len(m), 4096): m[i] = 1
for _ in range(10):
    if os.fork() == 0:
        for i in range(0, len(m), 4096): m[i]
        open("ready-%d" % os.getpid(), "w"); time.sleep(600)
time.sleep(600)
`

func TestCommonMemoryIsCountedOnce(t *testing.T) {
	dir := t.TempDir()
	_, tree := started(t, "cd "+dir+"; exec python3 -c '"+pool+"'")
	waitUntil(t, func() bool { all, _ := os.ReadDir(dir); return len(all) == 10 })
	u := sampling.NewSampler().Sample(map[string][]int{"a": tree.PIDs()}, nil).Usage["a"]
	if u.Memory == nil || *u.Memory < 40<<20 || *u.Memory > 200<<20 {
		t.Fatalf("eleven processes with 40 MiB in common hold %v", u.Memory)
	}
}

func TestZombiesAreCounted(t *testing.T) {
	_, tree := started(t, "for i in 1 2 3 4 5; do sh -c :; done & exec python3 -c 'import os,time\nfor i in range(7):\n    if os.fork() == 0: os._exit(0)\ntime.sleep(600)'")
	waitUntil(t, func() bool {
		return sampling.NewSampler().Sample(map[string][]int{"a": tree.PIDs()}, nil).Usage["a"].Zombies >= 7
	})
	if n := sampling.MostProcesses(); n < 100 {
		t.Errorf("this host lets %d processes be", n)
	}
}
