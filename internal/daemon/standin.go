package daemon

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/journal"
	"healer-sidecar/internal/statedir"
)

// openWithin is how long the state directory may take to be read when a sidecar begins.
const openWithin = 30 * time.Second

// openOrStandIn opens the state directory that a person has named. Where it takes nothing, or its
// disk hangs, the agents are run all the same: an agent is not kept down by our own trouble.
func openOrStandIn(dir string) (*state, error) {
	disk := fsys.Disk{Patience: openWithin}
	st, err := fsys.Ask(&disk, func() (*state, error) { return openState(dir) }, func(late *state) { late.lock.Close() })
	if err == nil || refuses(err) {
		return st, err
	}
	st, failed := standIn(dir, err)
	if failed != nil {
		return nil, errors.Join(err, failed)
	}
	return st, nil
}

// refuses reports that nothing may be run with this state: another sidecar does, others may write to
// it, or only a newer sidecar understands it.
func refuses(err error) bool {
	return errors.Is(err, fsys.ErrLocked) || errors.Is(err, fsys.ErrUnsafe) || errors.Is(err, journal.ErrNewer)
}

// standIn opens a state in memory that goes on from what can be read of the one that was asked for.
func standIn(home string, cause error) (*state, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, fmt.Errorf("cannot find state directory: %w", err)
	}
	dir, err := statedir.InMemory()
	if err != nil {
		return nil, err
	}
	s := &state{dir: dir, home: home, degraded: cause.Error(), temporary: true, ledger: ledger.New()}
	if err = makeFolders(dir); err == nil {
		s.lock, err = fsys.Lock(dir)
	}
	last := uint64(0)
	if err == nil && !errors.Is(cause, fsys.ErrHung) {
		last, err = s.recall()
	}
	if err == nil {
		s.journal, _, err = journal.Open(s.journals(), last, func(heal.Event) {})
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	s.ledger.Prepare()
	s.ledger.Rebase(procfs.BootID(), now())
	return s, statedir.Mark(dir, statedir.About{Home: home})
}

// recall folds what can be read of the state that was asked for, and takes its lock where there is
// one: a folder that cannot be written to may be used by a sidecar that could.
func (s *state) recall() (last uint64, err error) {
	own, err := fsys.LockForReading(s.home)
	if errors.Is(err, fsys.ErrLocked) {
		return 0, err
	}
	s.homeLock = own
	last, err, _ = recall(s.home, s.ledger, func(heal.Event) {}) // a damaged end hides nothing before it
	return last, err
}
