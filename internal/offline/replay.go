package offline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/journal"
	"healer-sidecar/internal/statedir"
)

// Replay makes the decisions of a recorded past again under another policy, and calls each
// for every one.
func Replay(policy *config.Policy, events func(each func(heal.Event) bool) error, each func(engine.Redecision) error) error {
	agents, err := compile.Agents(policy)
	if err != nil {
		return err
	}
	r := engine.NewReplay(compile.HealingOf(agents))
	var failed error
	err = events(func(e heal.Event) bool {
		if d, decided := r.See(e); decided {
			failed = each(d)
		}
		return failed == nil
	})
	return errors.Join(err, failed)
}

// Recorded are the events of a state directory, whether or not a sidecar works there.
func Recorded(stateDir string) (func(each func(heal.Event) bool) error, error) {
	dir := filepath.Join(stateDir, statedir.Journal)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("cannot read journal: %s is no state directory", stateDir)
	}
	return journal.Past(dir).Read, nil
}

// Printed are events as the events verb prints them with --json.
func Printed(in io.Reader) func(each func(heal.Event) bool) error {
	return func(each func(heal.Event) bool) error {
		dec := json.NewDecoder(in)
		for n := 1; ; n++ {
			var e heal.Event
			switch err := dec.Decode(&e); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return fmt.Errorf("cannot read event %d: %w", n, err)
			case !each(e):
				return nil
			}
		}
	}
}

// DirOf is the state directory of a control socket.
func DirOf(socket string) string { return filepath.Dir(socket) }
