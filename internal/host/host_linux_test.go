package host

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
)

// reaper is the only one of the test process: two would take each other's exits.
var reaper = sync.OnceValue(func() *procs.Reaper {
	if err := kernel.BecomeSubreaper(); err != nil {
		panic(err)
	}
	r := procs.NewReaper()
	go r.Run(context.Background())
	return r
})

// started runs a shell line and returns its tree.
func started(t *testing.T, script string) (*procs.Process, *procs.Tree) {
	t.Helper()
	r := reaper()
	p, err := r.Start(procs.Command{Argv: []string{"sh", "-c", script}, Env: append(os.Environ(), procfs.RunTag+"=test"), Cgroup: -1})
	if err != nil {
		t.Fatal(err)
	}
	tree := procs.NewTree(p.Identity, "test", nil, r)
	t.Cleanup(func() {
		for range 1000 {
			if tree.Empty() {
				return
			}
			_ = tree.Kill()
		}
	})
	return p, tree
}

func TestExitAndSignalReachTheirOwner(t *testing.T) {
	p, _ := started(t, "exit 7")
	if e := <-p.Exited; e.Code != 7 || e.Signal != "" {
		t.Errorf("got %+v", e)
	}
	p, _ = started(t, "kill -SEGV $$")
	if e := <-p.Exited; e.Signal != "SIGSEGV" {
		t.Errorf("got %+v", e)
	}
}

func TestExecFailureCarriesItsErrno(t *testing.T) {
	_, err := procs.NewReaper().Start(procs.Command{Argv: []string{"/no/such/program"}, Cgroup: -1})
	var failed *procs.ExecError
	if !errors.As(err, &failed) || procs.ErrnoName(failed.Errno) != "ENOENT" {
		t.Errorf("got %v", err)
	}
}

func TestTreeFindsWhatEscapedByDoubleFork(t *testing.T) {
	p, tree := started(t, "(setsid sleep 600 >/dev/null 2>&1 &) ; sleep 0.2; exit 0")
	if e := <-p.Exited; e != (heal.Exit{}) {
		t.Fatalf("got %+v", e)
	}
	members := tree.Members()
	if len(members) != 1 {
		t.Fatalf("found %d members, want the escaped sleep", len(members))
	}
	if err := tree.Kill(); err != nil {
		t.Fatal(err)
	}
}

func TestSignalNeverReachesAReusedNumber(t *testing.T) {
	p, _ := started(t, "sleep 600")
	stale := p.Identity
	stale.Start++
	if err := stale.Signal(syscall.SIGKILL); !errors.Is(err, procfs.ErrGone) {
		t.Errorf("got %v", err)
	}
	if alive, err := p.Alive(); !alive || err != nil {
		t.Errorf("the bystander was hit: %v, %v", alive, err)
	}
	for _, pid := range []int{-1, 0, 1} {
		if err := (procfs.Identity{PID: pid}).Signal(syscall.SIGTERM); err == nil {
			t.Errorf("pid %d was signalled", pid)
		}
	}
}

func TestFreezeStopsTheWholeTree(t *testing.T) {
	_, tree := started(t, "sleep 600 & sleep 600 & wait")
	how, err := tree.Freeze()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(how)
	for _, id := range tree.Members() {
		if s, err := procfs.ReadStat(id.PID); err != nil || s.State != 'T' {
			t.Errorf("process %d is in state %c: %v", id.PID, s.State, err)
		}
	}
	if err := tree.Thaw(); err != nil {
		t.Error(err)
	}
}

func TestEveryStateHasItsWord(t *testing.T) {
	p, tree := started(t, "sleep 600; exit")
	if m := procfs.Describe(p.Identity); !slices.Contains([]string{"sleeping", "running", "blocked"}, m.State) || m.Name != "sh" {
		t.Errorf("got %+v", m)
	}
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if procfs.Describe(p.Identity).State == "stopped" {
			break
		}
		runtime.Gosched()
	}
	if m := procfs.Describe(p.Identity); m.State != "stopped" {
		t.Errorf("a stopped process is %s", m.State)
	}
	stranger := p.Identity
	stranger.Start++
	if m := procfs.Describe(stranger); m.State != "unknown" || m.Name != "" {
		t.Errorf("a reused number is described as %+v", m)
	}
	_ = tree.Kill()
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
