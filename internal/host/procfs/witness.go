package procfs

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/host/kernel"
)

// ErrStillAlive says that something of an earlier run holds its witness.
var ErrStillAlive = fmt.Errorf("something of an earlier run is still alive: %w", unix.EBUSY)

// OpenWitness takes the lock that all processes of a run inherit. The lock lasts
// until the last of them has ended, whatever becomes of us. ErrStillAlive means
// that an earlier run holds it.
func OpenWitness(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|kernel.OpenNoFollow, 0o600)
	if errors.Is(err, unix.EROFS) { // one that is there can be locked all the same
		f, err = os.OpenFile(path, os.O_RDONLY|kernel.OpenNoFollow, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open witness: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("cannot start: %w: it holds %s", ErrStillAlive, path)
		}
		return nil, fmt.Errorf("cannot lock witness: %w", err)
	}
	return f, nil
}

// Witnessed reports whether something of a run holds its witness.
func Witnessed(path string) bool {
	f, err := OpenWitness(path)
	if err == nil {
		f.Close()
	}
	return errors.Is(err, ErrStillAlive)
}
