package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunsNeverGetTheWholeCeiling(t *testing.T) {
	for _, c := range []struct{ ceiling, used, want int64 }{
		{32768, 0, 32512}, {32768, 4000, 28512}, {4915, 20, 4639}, {100, 10, 66}, {60, 10, 26}, {30, 10, 7}, {4, 3, 1}, {1, 1, 1},
	} {
		if got := poolOf(c.ceiling, c.used); got != c.want {
			t.Errorf("of %d with %d in use: %d, not %d", c.ceiling, c.used, got, c.want)
		}
	}
}

// ownPids moves the test program into a cgroup of its own with a limit on tasks.
func ownPids(t *testing.T, most int) {
	t.Helper()
	mount, err := mountOf("cgroup", "pids"), error(nil)
	if mount == "" {
		t.Skip("no v1 hierarchy for pids is mounted")
	}
	own, err := ownCgroup("pids")
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
	if err := writeTasks(dir, int64(most)); err != nil {
		t.Fatal(err)
	}
	if err := move(dir); err != nil {
		t.Fatal(err)
	}
}

func TestARunIsBornBelowTheLimitOfOurTasks(t *testing.T) {
	const most = 200
	ownPids(t, most)
	cages := &Cages{}
	cages.LimitTasks("tasks-test")
	t.Cleanup(cages.Close)
	if got := cages.Tasks(); got.Pool <= 0 || got.Pool > most-leastReserve || got.Share > got.Pool {
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
	p, err := r.Start(Command{Argv: []string{"cat", "/proc/self/cgroup"}, Env: os.Environ(), Stdout: f, Cgroup: -1, Tasks: tasks.Entry()})
	if err != nil {
		t.Fatal(err)
	}
	<-p.Exited
	b, _ := os.ReadFile(out)
	if !strings.Contains(string(b), "healer-sidecar-tasks-test/run-1") {
		t.Errorf("it was born in %s", b)
	}
	if own, _ := ownCgroup("pids"); strings.Contains(own, "run-1") {
		t.Errorf("we are in the cgroup of the run ourselves: %s", own)
	}
	if err := tasks.set(most); err != nil || tasks.limit() != cages.Tasks().Share {
		t.Errorf("a declared limit of %d ends as %d, %v", most, tasks.limit(), err)
	}
}
