package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"healer-sidecar/internal/host"
)

const snapshotFile = "ledger.json"

// snapshotVersion is raised when old sidecars could not read the file any more.
const snapshotVersion = 1

type snapshot struct {
	Version int             `json:"version"`
	Seq     uint64          `json:"seq"`
	State   json.RawMessage `json:"state"`
}

// SaveSnapshot replaces the snapshot of what the events up to seq amount to.
func SaveSnapshot(dir string, seq uint64, state any) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("cannot encode ledger: %w", err)
	}
	b, err := json.Marshal(snapshot{Version: snapshotVersion, Seq: seq, State: raw})
	if err != nil {
		return fmt.Errorf("cannot encode ledger: %w", err)
	}
	if err := host.Replace(filepath.Join(dir, snapshotFile), b); err != nil {
		return fmt.Errorf("cannot save ledger: %w", err)
	}
	return nil
}

// LoadSnapshot reads the snapshot into state and returns the sequence number it
// reaches. Without one it returns 0. A damaged one is set aside, because the
// journal can rebuild it; one of a newer sidecar is an error, untouched.
func LoadSnapshot(dir string, state any) (uint64, error) {
	path := filepath.Join(dir, snapshotFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cannot read ledger: %w", err)
	}
	var s snapshot
	err = json.Unmarshal(b, &s)
	if err == nil && s.Version > snapshotVersion {
		return 0, fmt.Errorf("cannot read ledger %s: it was written by a newer sidecar (version %d, we know %d)", path, s.Version, snapshotVersion)
	}
	if err == nil {
		err = json.Unmarshal(s.State, state)
	}
	if err != nil {
		return 0, os.Rename(path, path+".damaged")
	}
	return s.Seq, nil
}
