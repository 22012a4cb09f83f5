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
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/journal"
	"healer-sidecar/internal/statedir"
)

// Names of the folders in the state directory.
const (
	agentsDir, evidenceDir, journalDir, snapshotsDir, outboxDir = "agents", "evidence", statedir.Journal, "snapshots", "outbox"
)

// AgentFolder is the folder of an agent below a state directory.
func AgentFolder(stateDir, agent string) string { return filepath.Join(stateDir, agentsDir, agent) }

// state is what survives us: the journal and what it amounts to.
type state struct {
	dir string
	// home is the directory that was asked for; another one is used where that cannot be, and
	// degraded says why.
	home, degraded string
	lock           *os.File
	// homeLock is the lock of home where that is not dir; nil for none.
	homeLock *os.File
	journal  *journal.Journal
	ledger   *ledger.Ledger
	damaged  int
	// safe says that what was learned was set aside.
	safe bool
	// ahead says that the ledger knows more than the snapshot that was loaded.
	ahead bool
	// temporary says that it is removed at the end.
	temporary bool
}

// openState takes the state directory for us alone and folds the journal.
func openState(dir string) (*state, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot find state directory: %w", err)
	}
	if err := makeFolders(dir); err != nil {
		return nil, err
	}
	lock, err := fsys.Lock(dir)
	if err != nil {
		return nil, err
	}
	for _, d := range foldersOf(dir) { // before the lock they may be those that another sidecar writes
		fsys.DropHalfWritten(d)
	}
	s := &state{dir: dir, home: dir, lock: lock, ledger: ledger.New()}
	if err := s.fold(); err != nil {
		lock.Close()
		return nil, err
	}
	s.ledger.Rebase(procfs.BootID(), now())
	return s, nil
}

func foldersOf(dir string) []string {
	return []string{dir, filepath.Join(dir, agentsDir), filepath.Join(dir, journalDir), filepath.Join(dir, snapshotsDir)}
}

func makeFolders(dir string) error {
	for _, d := range foldersOf(dir) {
		if err := fsys.PrivateDir(d); err != nil {
			return err
		}
	}
	return nil
}

// fold reads what earlier sidecars have left.
func (s *state) fold() error {
	load := beginLoading(s.dir, s.ledger)
	seq, damaged, err := journal.LoadSnapshot(s.journals(), load.snapshot)
	if err != nil {
		return err
	}
	s.ledger.Prepare()
	if s.journal, s.damaged, err = journal.Open(s.journals(), seq, load.apply); err != nil {
		return err
	}
	s.damaged += load.refused
	if damaged {
		s.damaged++
	}
	s.safe, s.ahead = load.safe, load.applied > 0 || load.safe || s.damaged > 0
	return load.setAside()
}

func (s *state) journals() string { return filepath.Join(s.dir, journalDir) }

// append records events outside the engine's loop, which must not be running.
func (s *state) append(events ...heal.Event) error {
	for i := range events {
		events[i].At = now()
		s.ledger.Apply(events[i])
	}
	return s.journal.Append(events, true)
}

// save writes what the journal amounts to; the loop must not be running.
func (s *state) save() error { return s.journal.Compact(s.ledger) }

func (s *state) close() error {
	err := errors.Join(s.save(), s.journal.Close(), s.lock.Close())
	if s.homeLock != nil {
		s.homeLock.Close()
	}
	if err != nil {
		return fmt.Errorf("cannot close state: %w", err)
	}
	return nil
}

// now is the present moment on both clocks.
func now() heal.Stamp { return heal.Stamp{Mono: kernel.SinceBoot(), Wall: time.Now()} }
