package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/host/fsys"
)

// Manifest says what a generation holds.
type Manifest struct {
	Number int       `json:"number"`
	Taken  time.Time `json:"taken"`
	Trees  []Tree    `json:"trees"`
	// Skipped are things that were left out, with why; More counts those beyond the list.
	Skipped []string `json:"skipped,omitempty"`
	More    int      `json:"more,omitempty"`
}

// Tree is one declared path.
type Tree struct {
	Path string `json:"path"`
	// Missing says that the path did not exist.
	Missing bool    `json:"missing,omitempty"`
	Entries []Entry `json:"entries"`
}

// Entry is one file, folder or link. The name is relative to the tree; "." is the tree
// itself.
type Entry struct {
	Name string      `json:"name"`
	Mode fs.FileMode `json:"mode"`
	Size int64       `json:"size,omitempty"`
	Sum  string      `json:"sum,omitempty"`
	Link string      `json:"link,omitempty"`
}

// maxSkipped bounds the list of what was left out.
const maxSkipped = 100

func (m *Manifest) skip(name, why string) {
	if len(m.Skipped) >= maxSkipped {
		m.More++
		return
	}
	m.Skipped = append(m.Skipped, fmt.Sprintf("%q: %s", name, why))
}

// Files is how many files there are, Size how many bytes they hold.
func (m Manifest) Files() (n int, size int64) {
	for _, t := range m.Trees {
		for _, e := range t.Entries {
			if e.Mode.IsRegular() {
				n, size = n+1, size+e.Size
			}
		}
	}
	return n, size
}

// same reports that two generations hold the same.
func (m Manifest) same(other Manifest) bool {
	return slices.EqualFunc(m.Trees, other.Trees, func(a, b Tree) bool {
		return a.Path == b.Path && a.Missing == b.Missing && slices.Equal(a.Entries, b.Entries)
	})
}

const manifestFile = "manifest.json"

// sealed is a manifest with its own checksum.
type sealed struct {
	Sum      string          `json:"sum"`
	Manifest json.RawMessage `json:"manifest"`
}

func (m Manifest) write(dir string) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("cannot encode manifest: %w", err)
	}
	sum := sha256.Sum256(raw)
	text, err := json.Marshal(sealed{hex.EncodeToString(sum[:]), raw})
	if err != nil {
		return fmt.Errorf("cannot encode manifest: %w", err)
	}
	return fsys.Replace(filepath.Join(dir, manifestFile), text)
}

func readManifest(dir string) (Manifest, error) {
	var m Manifest
	var s sealed
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return m, fmt.Errorf("cannot read manifest: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return m, fmt.Errorf("cannot read manifest: %w", err)
	}
	if sum := sha256.Sum256(s.Manifest); hex.EncodeToString(sum[:]) != s.Sum {
		return m, fmt.Errorf("cannot read manifest of %s: it was changed", dir)
	}
	if err := json.Unmarshal(s.Manifest, &m); err != nil {
		return m, fmt.Errorf("cannot read manifest: %w", err)
	}
	return m, m.check()
}

// check refuses names that lead out of the tree.
func (m Manifest) check() error {
	for _, t := range m.Trees {
		if !filepath.IsAbs(t.Path) {
			return fmt.Errorf("cannot use manifest: %q is no whole path", t.Path)
		}
		for _, e := range t.Entries {
			if !filepath.IsLocal(e.Name) || strings.Contains(e.Name, "\x00") {
				return fmt.Errorf("cannot use manifest: the name %q leads out of the tree", e.Name)
			}
		}
	}
	return nil
}
