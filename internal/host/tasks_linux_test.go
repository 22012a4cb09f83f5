package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procs"
)

// ownPids moves the test program into a cgroup of its own with a limit on tasks.
func ownPids(t *testing.T, most int) {
	t.Helper()
	mount, err := cgroup.MountOf("cgroup", "pids"), error(nil)
	if mount == "" {
		t.Skip("no v1 hierarchy for pids is mounted")
	}
	own, err := cgroup.OwnCgroup("pids")
	if err != nil {
		t.Skip(err)
	}
	home, dir := filepath.Join(mount, own), filepath.Join(mount, own, fmt.Sprintf("healer-test-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skipf("no right to make cgroups: %v", err)
	}
	move := func(to string) error {
		return os.WriteFile(filepath.Join(to, "cgroup.procs"), fmt.Append(nil, os.Getpid()), 0)
	}
	t.Cleanup(func() {
		if err := move(home); err != nil {
			t.Error(err)
		}
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(filepath.Join(dir, "pids.max"), fmt.Append(nil, most), 0); err != nil {
		t.Fatal(err)
	}
	if err := move(dir); err != nil {
		t.Fatal(err)
	}
}

func TestARunIsBornBelowTheLimitOfOurTasks(t *testing.T) {
	const most = 200
	ownPids(t, most)
	cages := &cgroup.Groups{}
	cages.LimitTasks("tasks-test")
	t.Cleanup(cages.Close)
	if got := cages.Tasks(); got.Pool <= 0 || got.Pool >= most || got.Share > got.Pool {
		t.Fatalf("of %d tasks runs get %+v", most, got)
	}
	tasks, err := cages.RunTasks("run-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := reaper()
	out := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := r.Start(procs.Command{Argv: []string{"cat", "/proc/self/cgroup"}, Env: os.Environ(), Stdout: f, Cgroup: -1, Tasks: tasks.Entry()})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Exited
	b, _ := os.ReadFile(out)
	if !strings.Contains(string(b), "healer-sidecar-tasks-test/run-1") {
		t.Errorf("it was born in %s", b)
	}
	if own, _ := cgroup.OwnCgroup("pids"); strings.Contains(own, "run-1") {
		t.Errorf("we are in the cgroup of the run ourselves: %s", own)
	}
	err = tasks.Declare(most)
	limit, _ := os.ReadFile(filepath.Join(filepath.Dir(tasks.Entry()), "pids.max"))
	if err != nil || strings.TrimSpace(string(limit)) != fmt.Sprint(cages.Tasks().Share) {
		t.Errorf("a declared limit of %d ends as %s, %v", most, limit, err)
	}
}
