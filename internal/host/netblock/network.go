package netblock

import (
	"errors"
	"fmt"
	"os"

	"healer-sidecar/internal/host/cgroup"
)

// Network is where a run meets the network.
type Network struct {
	// Group is the cgroup of the run; nil for none.
	Cage *cgroup.Group
	// Namespace is the file of the network namespace that the run has for itself; empty for
	// that of the host.
	Namespace string
}

// ErrNoCuts says that no network can be cut here at all: CAP_NET_ADMIN is missing, or nftables.
var ErrNoCuts = errors.New("cannot cut the network: it takes nftables and CAP_NET_ADMIN")

// ownNetwork is the network namespace of this process.
const ownNetwork = "/proc/self/ns/net"

// foreign refuses a namespace that we ourselves live in: what is done to all of it would be
// done to the host.
func foreign(namespace string) error {
	same, err := sameFile(namespace, ownNetwork)
	if err == nil && same {
		err = errors.New("the sidecar itself lives in it")
	}
	if err != nil {
		return fmt.Errorf("cannot enter the network namespace %s: %w", namespace, err)
	}
	return nil
}

// livesIn makes sure that a process lives in a namespace that we do not live in.
func livesIn(pid int, namespace string) error {
	if err := foreign(namespace); err != nil {
		return err
	}
	same, err := sameFile(namespace, fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return fmt.Errorf("cannot find the network namespace of process %d: %w", pid, err)
	}
	if !same {
		return fmt.Errorf("cannot cut the network: process %d was not started in %s", pid, namespace)
	}
	return nil
}

func sameFile(a, b string) (bool, error) {
	one, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	other, err := os.Stat(b)
	if err != nil {
		return false, err
	}
	return os.SameFile(one, other), nil
}
