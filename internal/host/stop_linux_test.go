package host

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

func TestAStoppedProcessSaysWhatHoldsItAndGoesOn(t *testing.T) {
	p, tree := started(t, "sleep 600")
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	sample := func() sampling.Usage {
		return sampling.NewSampler().Sample(map[string][]int{"a": tree.PIDs()}, nil).Usage["a"]
	}
	waitUntil(t, func() bool { u := sample(); return len(u.Halted) > 0 && u.Eldest == p.PID })
	said := procfs.StopOf(p.PID).String()
	if !strings.Contains(said, "sh") && !strings.Contains(said, "sleep") || procfs.StopOf(p.PID).Tracer != 0 {
		t.Errorf("it says %q", said)
	}
	continued, err := tree.Continue()
	if err != nil || len(continued) == 0 {
		t.Fatalf("%v, %v", continued, err)
	}
	waitUntil(t, func() bool { return len(sample().Halted) == 0 })
	if again, err := tree.Continue(); err != nil || len(again) > 0 {
		t.Errorf("nothing is stopped any more: %v, %v", again, err)
	}
}

// TestReadsOfInputAreSeen starts programs that wait for input, and such that wait for other things.
func TestReadsOfInputAreSeen(t *testing.T) {
	for name, c := range map[string]struct {
		script   string
		terminal bool
		want     procfs.Asked
	}{
		"a shell reads a terminal": {"read a", true, procfs.ReadsNow},
		"a shell reads a pipe":     {"read a", false, procfs.ReadsNow},
		"a program of Python":      {"exec python3 -c 'input()'", true, procfs.ReadsNow},
		"select, on input alone":   {"exec python3 -c 'import select,sys; select.select([sys.stdin],[],[])'", true, procfs.ReadsAmongOthers},
		"epoll, on input":          {"exec python3 -c 'import select; e=select.epoll(); e.register(0,1); e.poll()'", true, procfs.ReadsAmongOthers},
		"it sleeps":                {"exec sleep 600", true, procfs.ReadsNothing},
		"it waits for a child":     {"sleep 600; :", true, procfs.ReadsNothing},
	} {
		t.Run(name, func(t *testing.T) {
			in, far := inputFor(t, c.terminal)
			defer far.Close()
			r := reaper()
			p, err := r.Start(procs.Command{Argv: []string{"sh", "-c", c.script}, Env: append(os.Environ(), procfs.RunTag+"=test"), Cgroup: -1, Stdin: in})
			in.Close()
			if err != nil {
				t.Fatal(err)
			}
			tree := procs.NewTree(p.Identity, "test", nil, r)
			t.Cleanup(func() {
				for !tree.Empty() {
					_ = tree.Kill()
				}
			})
			if c.want == procfs.ReadsNothing {
				waitUntil(t, func() bool { return !strings.Contains(strings.Join(procs.CommandLine(p.PID), " "), "exec sleep") })
			}
			waitUntil(t, func() bool { return procfs.Reads(tree.PIDs()) == c.want })
		})
	}
}

// inputFor is what a program reads, and the other end of it.
func inputFor(t *testing.T, terminal bool) (in, far *os.File) {
	t.Helper()
	var err error
	if terminal {
		far, in, err = pty.Open()
	} else {
		in, far, err = os.Pipe()
	}
	if err != nil {
		t.Skipf("no input can be made: %v", err)
	}
	return in, far
}
