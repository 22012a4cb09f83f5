package host

import (
	"os"
	"testing"
	"time"
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
	u := NewSampler().Sample(map[string][]int{"a": tree.PIDs()}, nil).Usage["a"]
	if u.Memory == nil || *u.Memory < 40<<20 || *u.Memory > 200<<20 {
		t.Fatalf("eleven processes with 40 MiB in common hold %v", u.Memory)
	}
	// What is resident counts it eleven times; the share is kept between two measurements.
	s, resident := shares{}, 12*40.0*(1<<20)
	first := *s.memory(time.Hour, &resident, tree.PIDs(), false)
	resident *= 2
	if second := *s.memory(time.Hour+time.Second, &resident, tree.PIDs(), false); second < 1.99*first || second > 2.01*first {
		t.Errorf("twice as much is resident: %.0f, then %.0f", first, second)
	}
}

func TestZombiesAreCounted(t *testing.T) {
	_, tree := started(t, "for i in 1 2 3 4 5; do sh -c :; done & exec python3 -c 'import os,time\nfor i in range(7):\n    if os.fork() == 0: os._exit(0)\ntime.sleep(600)'")
	waitUntil(t, func() bool {
		return NewSampler().Sample(map[string][]int{"a": tree.PIDs()}, nil).Usage["a"].Zombies >= 7
	})
	if n := MostProcesses(); n < 100 {
		t.Errorf("this host lets %d processes be", n)
	}
}

func waitUntil(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatal("it did not come to that")
}
