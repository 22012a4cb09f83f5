//go:build !linux

package netblock

import "errors"

// Blocker takes the network from runs, which needs Linux.
type Blocker struct{}

// Open is for the sidecar of that name.
func Open(string) *Blocker { return &Blocker{} }

// Block says that it cannot be done here.
func (*Blocker) Block(string, int, Network) (string, error) {
	return "", errors.New("cannot cut the network: this needs Linux")
}

// Blocked says that a run is without network.
const Blocked = "cut off the network"

// Holds is never so here.
func (*Blocker) Holds(string, Network) bool { return false }

// Unblock has nothing to give back.
func (*Blocker) Unblock(string, Network) error { return nil }

// Sweep has nothing to give back.
func (*Blocker) Sweep(_, _ map[string]bool) error { return nil }
