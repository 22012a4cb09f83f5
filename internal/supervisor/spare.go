package supervisor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/procfs"
)

// modeFile holds the mode of an agent that declares steps down.
const modeFile = "mode"

// elsewhere makes the berth of an agent in the spare folder; cause is why its own cannot be used.
func (s *HostSpawner) elsewhere(a config.Agent, id string, cause error) (*preparedRun, error) {
	place, err := s.sparePlace(a.Name)
	if err != nil {
		return nil, errors.Join(cause, err)
	}
	b, err := s.preparedRun(a, id, place)
	if err != nil {
		return nil, errors.Join(cause, err)
	}
	s.Moved(a.Name, place, cause)
	return b, nil
}

// sparePlace is the folder of an agent in the spare folder, which is made when it is needed first.
func (s *HostSpawner) sparePlace(agent string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spare == "" {
		if s.Spare == nil {
			return "", errors.New("there is no other folder")
		}
		dir, err := s.Spare()
		if err != nil {
			return "", err
		}
		s.spare = dir
	}
	place := filepath.Join(s.spare, agent)
	return place, fsys.PrivateDir(place)
}

// DropSpare removes the spare folder; nothing may be running.
func (s *HostSpawner) DropSpare() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spare != "" {
		_ = os.RemoveAll(s.spare)
		s.spare = ""
	}
}

// witness takes the lock of an agent's runs. Where our folder cannot be used the lock lies
// elsewhere: that the earlier run is empty is known without it.
func (s *HostSpawner) witness(agent string) (*os.File, error) {
	path := s.path(agent, witnessFile)
	f, err := fsys.Ask(&s.disk, func() (*os.File, error) { return procfs.OpenWitness(path) }, func(f *os.File) { f.Close() })
	if err == nil || errors.Is(err, procfs.ErrStillAlive) {
		return f, err
	}
	place, failed := s.sparePlace(agent)
	if failed != nil {
		return nil, errors.Join(err, failed)
	}
	return procfs.OpenWitness(filepath.Join(place, witnessFile))
}

// Tell writes an agent's mode where it can read it: in its own folder, or, where that takes nothing,
// in the spare one, in which its next run lies.
func (s *HostSpawner) Tell(agent, mode string) error {
	tell := func(place string) error { return fsys.Replace(filepath.Join(place, modeFile), []byte(mode+"\n")) }
	_, err := fsys.Ask(&s.disk, func() (bool, error) { return true, tell(s.AgentDir(agent)) }, nil)
	if err == nil {
		return nil
	}
	place, failed := s.sparePlace(agent)
	if failed == nil {
		failed = tell(place)
	}
	if failed != nil {
		return fmt.Errorf("cannot tell the mode: %w", errors.Join(err, failed))
	}
	return nil
}
