package host

import (
	"context"
	"net"
	"os"
	"testing"
	"time"

	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

// TestDeepReadings reads a process that really holds memory and connections.
func TestDeepReadings(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	s := sampling.NewSampler()
	s.Deep = map[string]sampling.Deep{"a": {PSS: true, Connections: true}}
	u := s.Sample(map[string][]int{"a": {os.Getpid()}}, nil).Usage["a"]
	if u.PSS == nil || *u.PSS < 1<<20 || *u.PSS > *u.Memory*1.1 {
		t.Errorf("PSS is %v", u.PSS)
	}
	if u.Connections == nil || *u.Connections < 3 {
		t.Errorf("connections are %v", u.Connections)
	}
	if u.Hits != nil {
		t.Errorf("hits were read unasked: %v", *u.Hits)
	}
}

func TestInodesAreReadBesideTheDisk(t *testing.T) {
	dir := t.TempDir()
	snap := sampling.NewSampler().Sample(nil, []string{dir})
	if snap.Disks[dir] <= 0 {
		t.Errorf("got %v", snap.Disks)
	}
	if _, ok := snap.Inodes[dir]; !ok {
		t.Skip("this file system has no table of inodes")
	}
}

// TestPressureIsCounted waits for one window and a stall that nobody can reach.
func TestPressureIsCounted(t *testing.T) {
	line := sampling.PressureLine{Resource: "memory"}
	if _, ok := line.Waited(); !ok {
		t.Skip("this kernel counts no pressure")
	}
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan time.Duration, 1)
	go sampling.WatchPressure(ctx, line, 400*time.Millisecond, 500*time.Millisecond, func(d time.Duration, ok bool) {
		if ok {
			told <- d
			cancel()
		}
	})
	if d := <-told; d < 0 || d > time.Second {
		t.Errorf("waited %s within half a second", d)
	}
}

// TestTriggerIsTakenByTheKernel asks for a trigger on the processor and makes others wait.
func TestTriggerIsTakenByTheKernel(t *testing.T) {
	line := sampling.PressureLine{Resource: "cpu"}
	f, err := os.OpenFile(line.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Skipf("triggers may not be asked for: %v", err)
	}
	_, err = f.WriteString("some 50000 500000\x00")
	f.Close()
	if err != nil {
		t.Skipf("triggers may not be asked for: %v", err)
	}
	_, tree := started(t, "for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & done; echo; wait")
	defer func() { _ = tree.Kill() }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	select {
	case <-line.Trigger(ctx, 50*time.Millisecond, 500*time.Millisecond):
	case <-time.After(30 * time.Second):
		t.Error("eight loops made nobody wait")
	}
}

// BenchmarkSample reads an agent of ten processes once.
func BenchmarkSample(b *testing.B) {
	r := reaper()
	p, err := r.Start(procs.Command{Argv: []string{"sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; wait"}, Env: append(os.Environ(), procfs.RunTag+"=bench"), Cgroup: -1})
	if err != nil {
		b.Fatal(err)
	}
	tree := procs.NewTree(p.Identity, "bench", nil, r)
	defer func() {
		for !tree.Empty() {
			_ = tree.Kill()
		}
	}()
	for len(tree.PIDs()) < 10 {
		time.Sleep(time.Millisecond)
	}
	pids, s := tree.PIDs(), sampling.NewSampler()
	s.FDs, s.IO = true, true
	for b.Loop() {
		s.Sample(map[string][]int{"a": pids}, nil)
	}
}
