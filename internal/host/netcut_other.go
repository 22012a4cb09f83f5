//go:build !linux

package host

import "errors"

// Cuts takes the network from runs, which needs Linux.
type Cuts struct{}

// OpenCuts is for the sidecar of that name.
func OpenCuts(string) *Cuts { return &Cuts{} }

// Cut says that it cannot be done here.
func (*Cuts) Cut(string, int, Network) (string, error) {
	return "", errors.New("cannot cut the network: this needs Linux")
}

// CutOff says that a run is without network.
const CutOff = "cut off the network"

// Holds is never so here.
func (*Cuts) Holds(string, Network) bool { return false }

// Mend has nothing to give back.
func (*Cuts) Mend(string, Network) error { return nil }

// Sweep has nothing to give back.
func (*Cuts) Sweep(_, _ map[string]bool) error { return nil }
