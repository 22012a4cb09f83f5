package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"healer-sidecar/internal/host/fsys"
)

const (
	snapshotFile = "ledger.json"
	// earlierFile is the snapshot before it: it stands in for one that was damaged.
	earlierFile = "ledger.before.json"
	// damagedSuffix ends the name of a snapshot that was set aside.
	damagedSuffix = ".damaged"
	// maxSnapshot bounds what is read of one.
	maxSnapshot = 256 << 20
)

// snapshotVersion is raised when old sidecars could not read the file any more.
const snapshotVersion = 1

type snapshot struct {
	Version int             `json:"version"`
	Seq     uint64          `json:"seq"`
	State   json.RawMessage `json:"state"`
}

// sealed is a snapshot with its checksum. Before there were checksums the snapshot was the file.
type sealed struct {
	Sum    string          `json:"crc"`
	Ledger json.RawMessage `json:"ledger"`
	snapshot
}

// ledger is a snapshot that is to be written.
type ledger struct {
	seq  uint64
	text []byte
}

// seal encodes a snapshot of what the events up to seq amount to.
func seal(seq uint64, state any) ([]byte, error) {
	raw, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("cannot encode ledger: %w", err)
	}
	raw, err = json.Marshal(snapshot{Version: snapshotVersion, Seq: seq, State: raw})
	if err != nil {
		return nil, fmt.Errorf("cannot encode ledger: %w", err)
	}
	return fmt.Appendf(nil, "{\"crc\":%q,\"ledger\":%s}\n", sum(raw), raw), nil
}

func sum(raw []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(raw, castagnoli)) }

// SaveSnapshot replaces the snapshot of what the events up to seq amount to.
func SaveSnapshot(dir string, seq uint64, state any) error {
	text, err := seal(seq, state)
	if err != nil {
		return err
	}
	return saveLedger(dir, &ledger{seq, text})
}

// saveLedger replaces the snapshot and keeps the one before.
func saveLedger(dir string, l *ledger) error {
	path, before := filepath.Join(dir, snapshotFile), filepath.Join(dir, earlierFile)
	_ = os.Remove(before)
	_ = os.Link(path, before) // one less to fall back to, where that fails
	if err := fsys.Replace(path, l.text); err != nil {
		return fmt.Errorf("cannot save ledger: %w", err)
	}
	return nil
}

// ErrNewer says that a snapshot was written by a newer sidecar.
var ErrNewer = errors.New("it was written by a newer sidecar")

// LoadSnapshot hands the state of the snapshot to decode and returns the sequence number it
// reaches. Without one it returns 0. A damaged one is set aside, and the one before is taken: the
// journal tells what came since. One of a newer sidecar is an error, untouched.
func LoadSnapshot(dir string, decode func([]byte) error) (seq uint64, damaged bool, err error) {
	path := filepath.Join(dir, snapshotFile)
	seq, err = loadFile(path, decode)
	if err == nil || errors.Is(err, ErrNewer) {
		return seq, false, err
	}
	if damaged = !errors.Is(err, fs.ErrNotExist); damaged {
		_ = os.Rename(path, path+damagedSuffix) // what stays is replaced with the next snapshot
	}
	seq, err = loadFile(filepath.Join(dir, earlierFile), decode)
	if err != nil && !errors.Is(err, ErrNewer) {
		return 0, damaged, nil
	}
	return seq, damaged, err
}

// PeekSnapshot is LoadSnapshot for a folder in which nothing can be set aside.
func PeekSnapshot(dir string, decode func([]byte) error) (uint64, error) {
	for _, name := range []string{snapshotFile, earlierFile} {
		seq, err := loadFile(filepath.Join(dir, name), decode)
		if err == nil || errors.Is(err, ErrNewer) {
			return seq, err
		}
	}
	return 0, nil
}

func loadFile(path string, decode func([]byte) error) (uint64, error) {
	f, err := openSegment(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSnapshot))
	if err != nil {
		return 0, fmt.Errorf("cannot read ledger: %w", err)
	}
	var s sealed
	if err := json.Unmarshal(text, &s); err != nil {
		return 0, fmt.Errorf("cannot read ledger: %w", err)
	}
	if s.Ledger != nil {
		if s.Sum != sum(s.Ledger) {
			return 0, fmt.Errorf("cannot read ledger %s: its checksum is wrong", path)
		}
		if err := json.Unmarshal(s.Ledger, &s.snapshot); err != nil {
			return 0, fmt.Errorf("cannot read ledger: %w", err)
		}
	}
	if s.Version > snapshotVersion {
		return 0, fmt.Errorf("cannot read ledger %s: %w (version %d, we know %d)", path, ErrNewer, s.Version, snapshotVersion)
	}
	if s.Version == 0 || s.State == nil {
		return 0, fmt.Errorf("cannot read ledger %s: it holds no state", path)
	}
	if err := decode(s.State); err != nil {
		return 0, fmt.Errorf("cannot read ledger: %w", err)
	}
	return s.Seq, nil
}
