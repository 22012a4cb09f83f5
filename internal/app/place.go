package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

// StateRoot is where state directories are made by default: below
// XDG_STATE_HOME, /var/lib for root, ~/.local/state for others.
func StateRoot() (string, error) {
	if root := os.Getenv("XDG_STATE_HOME"); root != "" {
		return filepath.Join(root, "healer-sidecar"), nil
	}
	if os.Geteuid() == 0 {
		return "/var/lib/healer-sidecar", nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("cannot find a place for state: %w", err)
	}
	return filepath.Join(home, ".local", "state", "healer-sidecar"), nil
}

// StateDirFor names the state directory of what is run: the same command in the
// same directory, or the same policy, finds its memory again.
func StateDirFor(name string, identity ...string) (string, error) {
	root, err := StateRoot()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, agentName(name)+"-"+shortHash(strings.Join(identity, "\x00"))), nil
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// agentName makes a valid name of the base of a path.
func agentName(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), ".hcl")
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, base)
	name = strings.Trim(name, "-")
	if name == "" {
		return "agent"
	}
	return name[:min(len(name), 32)]
}

// WrapPolicy is the policy of `run -- COMMAND`: one agent, everything by default,
// and an end when no remedy is left, because somebody waits for it.
func WrapPolicy(command []string) *config.Policy {
	a := config.Agent{Name: agentName(command[0]), Command: command, Stop: config.DefaultStop, Output: config.DefaultOutput}
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
	agent := config.Agent{Name: agentName(name), Attach: &a, Stop: config.DefaultStop, Output: config.DefaultOutput, OnSidecarExit: config.Keep, Heal: heal.DefaultPolicy(agentName(name))}
	agent.Heal.OnLimit, agent.Heal.Unfit = heal.OnLimitStop, a.Unfit(nil)
	return &config.Policy{Agents: []config.Agent{agent}, Host: heal.DefaultHost()}
}

// ErrManySidecars says that a verb must name the sidecar it means.
var ErrManySidecars = errors.New("several sidecars are running")

// FindSocket finds the socket of the running sidecar: in the named directory, or
// the only one that listens below the root.
func FindSocket(stateDir string) (string, error) {
	if stateDir != "" {
		path := filepath.Join(stateDir, control.SocketName)
		if !control.Alive(path) {
			return "", fmt.Errorf("cannot reach a sidecar: nobody listens on %s", path)
		}
		return path, nil
	}
	root, err := StateRoot()
	if err != nil {
		return "", err
	}
	candidates, _ := filepath.Glob(filepath.Join(root, "*", control.SocketName))
	var alive []string
	for _, path := range candidates {
		if control.Alive(path) {
			alive = append(alive, path)
		}
	}
	switch len(alive) {
	case 0:
		return "", fmt.Errorf("cannot reach a sidecar: none is running below %s", root)
	case 1:
		return alive[0], nil
	}
	dirs := make([]string, len(alive))
	for i, path := range alive {
		dirs[i] = filepath.Dir(path)
	}
	return "", fmt.Errorf("cannot choose a sidecar: %w: %s", ErrManySidecars, strings.Join(dirs, ", "))
}
