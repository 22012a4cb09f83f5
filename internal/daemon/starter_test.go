package daemon

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
)

// TestWhatAnAgentIsStartedWith: its program, and files that its arguments and environment name.
func TestWhatAnAgentIsStartedWith(t *testing.T) {
	dir := t.TempDir()
	known := map[string]map[string]fs.FileInfo{}
	s := &sidecar{}
	s.registry.put([]compile.Agent{{Agent: config.Agent{
		Name: "a", Dir: dir, Command: []string{"sh", "-x", "run.sh", "--config=a.conf", "data"}, Env: map[string]string{"CREDS": filepath.Join(dir, "creds")},
	}}}, nil)
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(time.Now().String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	held := time.Now().Add(-time.Minute)
	for _, name := range []string{"run.sh", "creds"} {
		write(name)
		if err := os.Chtimes(filepath.Join(dir, name), held.Add(-time.Hour), held.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := s.changedSince(known, "a", held); got != "" {
		t.Fatalf("%s has changed at first sight", got)
	}
	write(filepath.Join("data", "of somebody else"))
	if got := s.changedSince(known, "a", held); got != "" {
		t.Errorf("%s has changed: nothing has", got)
	}
	for _, name := range []string{"run.sh", "a.conf", "creds"} {
		write(name)
		if got := s.changedSince(known, "a", held); got != filepath.Join(dir, name) {
			t.Errorf("%q has changed, want %s", got, name)
		}
	}
	if got := s.changedSince(map[string]map[string]fs.FileInfo{}, "a", held); got == "" {
		t.Error("what changed between the hold and the start of the sidecar was not seen")
	}
}
