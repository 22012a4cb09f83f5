// Package statedir knows where sidecars keep their state: which directory belongs to which
// command or policy, which one a running sidecar uses, and which ones nobody needs any more.
//
// Every sidecar of a user leaves a note of its directory in the user's runtime directory, so
// that a verb without flags finds all that are running, wherever their state is.
package statedir

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"healer-sidecar/internal/host/fsys"
)

// product is the name of the folder in every place.
const product = "healer-sidecar"

// Journal is the folder of the journal in a state directory.
const Journal = "journal"

// Root is where state directories are made by default: below XDG_STATE_HOME, /var/lib for
// root, ~/.local/state for others.
func Root() (string, error) {
	if root := os.Getenv("XDG_STATE_HOME"); root != "" {
		return filepath.Join(root, product), nil
	}
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib", product), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("cannot find a place for state: %w", err)
	}
	return filepath.Join(home, ".local", "state", product), nil
}

// For names the state directory of what is run: the same command in the same directory, or
// the same policy, finds its memory again. Name must be a valid file name.
func For(name string, identity ...string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join(identity, "\x00")))
	return filepath.Join(root, name+"-"+hex.EncodeToString(sum[:4])), nil
}

// mostAtOnce is how many runs of one command in one folder may have a directory of their own
// at the same time.
const mostAtOnce = 64

// Sibling is the n-th directory for further runs of a command that is running already; 1 is
// the first itself. It reports false when there are no more.
func Sibling(dir string, n int) (string, bool) {
	if n <= 1 {
		return dir, true
	}
	return fmt.Sprintf("%s.%d", dir, n), n <= mostAtOnce
}

// Temporary makes a private directory for a run that has no other place for its state.
func Temporary() (string, error) {
	return makeIn(os.TempDir(), os.Getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/var/tmp", "/run")
}

// InMemory is Temporary for what must not lie on a disk, where there is such a place.
func InMemory() (string, error) {
	return makeIn("/dev/shm", os.Getenv("XDG_RUNTIME_DIR"), "/run", os.TempDir())
}

func makeIn(parents ...string) (string, error) {
	var failed error
	for _, parent := range parents {
		if parent == "" {
			continue
		}
		dir, err := os.MkdirTemp(parent, product+"-")
		if err == nil {
			return dir, nil
		}
		failed = errors.Join(failed, err)
	}
	return "", fmt.Errorf("cannot make a temporary state directory: %w", failed)
}

// runtimeDir is the user's own folder for what lives as long as the machine runs.
func runtimeDir() (string, error) {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && filepath.IsAbs(dir) {
		return filepath.Join(dir, product), nil
	}
	if os.Geteuid() == 0 {
		return filepath.Join("/run", product), nil
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("%s-%d", product, os.Geteuid())), nil
}

// noteSuffix ends the names of the notes about running sidecars.
const noteSuffix = ".dir"

// Register notes that a sidecar uses a directory, and returns what takes the note back.
func Register(dir string) (forget func(), err error) {
	in, err := runtimeDir()
	if err == nil {
		err = fsys.PrivateDir(in)
	}
	if err != nil {
		return func() {}, fmt.Errorf("cannot note the running sidecar: %w", err)
	}
	sum := sha256.Sum256([]byte(dir))
	path := filepath.Join(in, hex.EncodeToString(sum[:8])+noteSuffix)
	if err := fsys.Replace(path, []byte(dir+"\n")); err != nil {
		return func() {}, fmt.Errorf("cannot note the running sidecar: %w", err)
	}
	return func() { _ = os.Remove(path) }, nil
}

// Candidates are the directories that running sidecars of this user may use: what they have
// noted, and what lies at the usual place. Notes of directories that are gone are removed.
func Candidates() []string {
	seen, dirs := map[string]bool{}, []string{}
	add := func(dir string) {
		if real, err := filepath.EvalSymlinks(dir); err == nil && !seen[real] {
			seen[real] = true
			dirs = append(dirs, dir)
		}
	}
	if in, err := runtimeDir(); err == nil && fsys.PrivateDir(in) == nil {
		notes, _ := filepath.Glob(filepath.Join(in, "*"+noteSuffix))
		for _, note := range notes {
			b, err := os.ReadFile(note)
			dir := strings.TrimSpace(string(b))
			if _, gone := os.Stat(dir); err == nil && (dir == "" || os.IsNotExist(gone)) {
				_ = os.Remove(note)
				continue
			}
			add(dir)
		}
	}
	if root, err := Root(); err == nil {
		below, _ := filepath.Glob(filepath.Join(root, "*"))
		for _, dir := range below {
			if info, err := os.Stat(dir); err == nil && info.IsDir() {
				add(dir)
			}
		}
	}
	return dirs
}
