package supervisor

import (
	"os"
	"path/filepath"
	"testing"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/cgroup"
)

// TestOurTroubleKeepsNoAgentDown: where the folder of the state takes nothing, the files of a run
// lie in a spare one.
func TestOurTroubleKeepsNoAgentDown(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "agents"), nil, 0o600)) // a file where a folder should be
	moved := ""
	s := &HostSpawner{
		Dir: filepath.Join(dir, "agents"), Cages: &cgroup.Groups{}, Unlimited: func(string, error) {},
		Spare: func() (string, error) { return os.MkdirTemp(dir, "spare") },
		Moved: func(_, to string, _ error) { moved = to },
	}
	b, err := s.Prepare(config.Agent{Name: "a"})
	must(t, err)
	defer b.Discard()
	if moved == "" || filepath.Base(moved) != "a" {
		t.Fatalf("it was moved to %q", moved)
	}
	if _, err := os.Stat(filepath.Join(moved, StdoutFile)); err != nil {
		t.Error(err)
	}
	lock, err := s.witness("a")
	must(t, err)
	if _, err := s.witness("a"); err == nil {
		t.Error("the lock of a run that lives was taken")
	}
	lock.Close()
	must(t, s.Tell("a", "basic"))
	if mode, err := os.ReadFile(filepath.Join(moved, modeFile)); err != nil || string(mode) != "basic\n" {
		t.Errorf("the mode is %q, %v", mode, err)
	}
	s.DropSpare()
	if _, err := os.Stat(moved); err == nil {
		t.Error("the spare folder stays")
	}
}
