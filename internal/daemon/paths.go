package daemon

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/launch"
	"healer-sidecar/internal/statedir"
)

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// WrapPolicy is the policy of `run -- COMMAND`: one agent, everything by default,
// and an end when no remedy is left, because somebody waits for it.
func WrapPolicy(command []string) *config.Policy {
	a := config.Agent{Name: launch.NameOf(command), Command: command, Stop: config.DefaultStop, Output: config.DefaultOutput}
	a.Heal = heal.DefaultPolicy(a.Name)
	a.Heal.OnLimit, a.Heal.GiveUpAfter = heal.OnLimitStop, GiveUpAfter
	return &config.Policy{Agents: []config.Agent{a}, Host: heal.DefaultHost()}
}

// GiveUpAfter is how long a wrapped command outlasts an outage.
const GiveUpAfter = 30 * time.Minute

// AttachPolicy is the policy of `attach`: one agent that something else has started.
func AttachPolicy(name string, a config.Attach) *config.Policy {
	if name == "" {
		name = "attached"
	}
	agent := config.Agent{Name: launch.CleanName(name), Attach: &a, Stop: config.DefaultStop, Output: config.DefaultOutput, OnSidecarExit: config.Keep, Heal: heal.DefaultPolicy(launch.CleanName(name))}
	agent.Heal.OnLimit, agent.Heal.Unfit = heal.OnLimitStop, a.Unfit(nil)
	return &config.Policy{Agents: []config.Agent{agent}, Host: heal.DefaultHost()}
}

// ErrNoSidecar says that no sidecar of this user is running.
var ErrNoSidecar = errors.New("none is running")

// FindSockets finds the sockets of the running sidecars: the one in the named directory, or those of
// all sidecars of this user that are running.
func FindSockets(stateDir string) ([]string, error) {
	if stateDir != "" {
		path := filepath.Join(stateDir, control.SocketName)
		if control.Alive(path) {
			return []string{path}, nil
		}
		if instead := standsFor(stateDir); instead != "" {
			return []string{instead}, nil
		}
		return nil, fmt.Errorf("cannot reach a sidecar: connection refused: %s", path)
	}
	var alive []string
	for _, dir := range statedir.Candidates() {
		if path := filepath.Join(dir, control.SocketName); control.Alive(path) {
			alive = append(alive, path)
		}
	}
	if len(alive) == 0 {
		return nil, fmt.Errorf("cannot reach a sidecar: %w", ErrNoSidecar)
	}
	return alive, nil
}

// FindByPolicy finds the socket of the running sidecar of a policy, wherever its state is: usual is
// where that should be. The policy is not read.
func FindByPolicy(policy, usual string) (string, error) {
	path := filepath.Join(usual, control.SocketName)
	if usual != "" && control.Alive(path) {
		return path, nil
	}
	full, err := filepath.Abs(policy)
	if err != nil {
		return "", fmt.Errorf("cannot find policy: %w", err)
	}
	for _, dir := range statedir.Candidates() {
		if at := filepath.Join(dir, control.SocketName); statedir.AboutOf(dir).Policy == full && control.Alive(at) {
			return at, nil
		}
	}
	return "", fmt.Errorf("cannot reach the sidecar of %s: %w", policy, ErrNoSidecar)
}

// standsFor is the socket of a sidecar that could not use a state directory and has its state
// elsewhere; empty for none.
func standsFor(stateDir string) string {
	home, err := filepath.Abs(stateDir)
	if err != nil {
		return ""
	}
	for _, dir := range statedir.Candidates() {
		if path := filepath.Join(dir, control.SocketName); statedir.AboutOf(dir).Home == home && control.Alive(path) {
			return path
		}
	}
	return ""
}

// openStateFor opens the state directory that was chosen. A command that a person runs starts
// in any case: where its own directory is in use by another run, or cannot be used, it has
// another one.
func openStateFor(o Options) (*state, error) {
	if !o.Wrapped || o.StateChosen {
		open := openOrStandIn
		if o.Wrapped {
			open = openState // a person waits, and has named it
		}
		st, err := open(o.StateDir)
		if err != nil {
			return nil, err
		}
		about := statedir.About{}
		if st.degraded != "" {
			o.Log.Warn("the state directory cannot be used; state is kept in memory until the end, and nothing new is remembered", "folder", st.dir, "cause", st.degraded)
			about.Home = st.home
		}
		if about.Policy, err = filepath.Abs(o.Config); err == nil && o.Config != "" {
			err = statedir.Mark(st.dir, about)
		}
		if err != nil { // it is found by --state-dir all the same
			o.Log.Warn("the state directory was not marked", "cause", err)
		}
		return st, nil
	}
	st, failed := openOwn(o)
	if failed == nil {
		return st, nil
	}
	dir, err := statedir.Temporary()
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	o.Log.Tell(fmt.Sprintf("state is kept in %s until the end, and nothing is remembered of this run: %v", dir, failed))
	if st, err = openState(dir); err != nil {
		return nil, err
	}
	st.temporary = true
	return st, nil
}

// openOwn opens the directory of a wrapped command, or a sibling that no other run uses.
func openOwn(o Options) (st *state, err error) {
	if o.StateDir == "" {
		_, err = statedir.Root()
		return nil, err
	}
	for n := 1; ; n++ {
		dir, more := statedir.Sibling(o.StateDir, n)
		if !more {
			return nil, err
		}
		if st, err = openState(dir); err == nil {
			folder, _ := os.Getwd()
			return st, statedir.Mark(dir, statedir.About{Command: o.Policy.Agents[0].Command, Folder: folder})
		}
		if !errors.Is(err, fsys.ErrLocked) {
			return nil, err
		}
	}
}

// tidy removes what a closed state directory leaves that nobody needs.
func (s *state) tidy(o Options) {
	if s.temporary {
		_ = os.RemoveAll(s.dir)
		return
	}
	if root, err := statedir.Root(); o.Wrapped && !o.StateChosen && err == nil {
		if n, err := statedir.Tidy(root, statedir.Default, time.Now()); n > 0 || err != nil {
			o.Log.Debug("state of earlier commands was removed", "directories", n, "cause", err)
		}
	}
}
