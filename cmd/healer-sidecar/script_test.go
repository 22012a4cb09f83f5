package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/rogpeppe/go-internal/testscript"

	"healer-sidecar/internal/control"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"healer-sidecar": main})
}

// TestScripts runs every verb as a person would.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, ".state"))
			runtime := filepath.Join(e.WorkDir, ".run") // other scripts' sidecars are not found
			e.Setenv("XDG_RUNTIME_DIR", runtime)
			return os.Mkdir(runtime, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"listening": listening},
	})
}

// listening waits until a sidecar listens in a state directory.
func listening(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	w, err := fsnotify.NewWatcher()
	ts.Check(err)
	defer w.Close()
	ts.Check(w.Add(dir))
	socket := filepath.Join(dir, "control.sock")
	timeout := time.After(time.Minute)
	for {
		if control.Alive(socket) {
			return
		}
		select {
		case <-w.Events:
		case <-timeout:
			ts.Fatalf("nobody listens in %s", dir)
		}
	}
}
