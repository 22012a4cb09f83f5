package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/host/fsys"
)

// guardEvery is how often we look whether what others may delete is still there.
const guardEvery = 2 * time.Second

// guard makes the state directory and the sockets again where somebody has deleted them.
func (s *sidecar) guard(ctx context.Context) {
	tick := time.NewTicker(guardEvery)
	defer tick.Stop()
	disk, told := fsys.Disk{}, ""
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		what, err := fsys.Ask(&disk, s.mend, nil)
		for _, one := range what {
			s.noted("", one)
		}
		fault := ""
		if err != nil {
			fault = err.Error()
		}
		if fault != "" && fault != told {
			s.noted("", "state_degraded: "+fault)
		}
		told = fault
	}
}

// mend says what it had to make again.
func (s *sidecar) mend() (done []string, err error) {
	again, err := s.state.remake(s.registry.names())
	if err != nil {
		return nil, err
	}
	if again {
		s.saveAgain()
		done = append(done, "state_remade: somebody has deleted the state directory; it was made again, and what is known was saved")
	}
	for _, server := range []*control.Server{s.server, s.served.shared} {
		if server == nil {
			continue
		}
		again, failed := server.Renew()
		if again {
			done = append(done, "socket_remade: somebody has deleted the socket of the sidecar; it was opened again")
		}
		if failed != nil {
			err = failed
		}
	}
	return done, err
}

// saveAgain writes down what is known: what was written before is gone.
func (s *sidecar) saveAgain() {
	s.loop.Ask(s.engineCtx, func(c *engine.Core) { _ = s.state.journal.Compact(c.Ledger()) })
}

// remake makes the state directory again where its lock is not ours any more.
func (s *state) remake(agents []string) (bool, error) {
	at, err := os.Lstat(filepath.Join(s.dir, fsys.LockFile))
	ours, failed := s.lock.Stat()
	if failed != nil {
		return false, fmt.Errorf("cannot look at the lock: %w", failed)
	}
	if err == nil && os.SameFile(at, ours) || err != nil && !os.IsNotExist(err) {
		return false, nil
	}
	if err := makeFolders(s.dir); err != nil {
		return false, err
	}
	lock, err := fsys.Lock(s.dir)
	if err != nil {
		return false, err
	}
	s.lock.Close()
	s.lock = lock
	for _, agent := range agents {
		if err := fsys.PrivateDir(filepath.Join(s.dir, agentsDir, agent)); err != nil {
			return true, err
		}
	}
	return true, nil
}
