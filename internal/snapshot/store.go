package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/host/fsys"
)

// Store keeps the generations of all agents below one folder of ours. The generations of
// one agent may be touched by one goroutine at a time.
type Store struct{ Dir string }

const (
	// genPrefix begins the folder of a generation, takingName is that of one that is being
	// taken, candidate that of one that is not proven yet.
	genPrefix, takingName, candidate = "gen-", "taking", "candidate"
	// tries is how often a tree is copied anew that is written to meanwhile.
	tries = 3
)

func (s Store) folder(agent, name string) string { return filepath.Join(s.Dir, agent, name) }

// List returns the generations of a snapshot, the latest first. Those that were damaged
// are left out.
func (s Store) List(agent, name string) []Manifest {
	entries, err := os.ReadDir(s.folder(agent, name))
	if err != nil {
		return nil
	}
	var all []Manifest
	for _, e := range slices.Backward(entries) {
		if !strings.HasPrefix(e.Name(), genPrefix) || strings.HasSuffix(e.Name(), droppedSuffix) {
			continue
		}
		if m, err := readManifest(filepath.Join(s.folder(agent, name), e.Name())); err == nil {
			all = append(all, m)
		}
	}
	return all
}

// Take keeps a generation if anything has changed since the last one, and reports whether
// it did. Nobody has proven that it is good: a person wants it.
func (s Store) Take(agent string, snap config.Snapshot, now time.Time) (m Manifest, kept bool, err error) {
	return s.take(agent, snap, now, func() bool { return true })
}

// take copies, and keeps what is different from the last generation as a new one where that
// is proven, else as the candidate.
func (s Store) take(agent string, snap config.Snapshot, now time.Time, proven func() bool) (m Manifest, kept bool, err error) {
	dir := s.folder(agent, snap.Name)
	if err := fsys.PrivateDir(dir); err != nil {
		return m, false, err
	}
	sweep(dir)
	taking := filepath.Join(dir, takingName)
	for range tries {
		if err = os.RemoveAll(taking); err != nil {
			return m, false, fmt.Errorf("cannot take snapshot: %w", err)
		}
		if m, err = take(taking, snap); !errors.Is(err, errChanging) {
			break
		}
	}
	defer os.RemoveAll(taking)
	if err != nil {
		return m, false, fmt.Errorf("cannot take snapshot %s of %s: %w", snap.Name, agent, err)
	}
	m.Taken = now.UTC().Round(0)
	if last := s.List(agent, snap.Name); len(last) > 0 && last[0].same(m) {
		return last[0], false, nil
	}
	if !proven() {
		return m, false, s.wait(dir, taking, m)
	}
	return s.promote(agent, snap, taking, m)
}

// wait makes what was copied the candidate. It is copied again if a power cut takes it.
func (s Store) wait(dir, taking string, m Manifest) error {
	err := m.write(taking)
	if err == nil {
		err = drop(filepath.Join(dir, candidate))
	}
	if err == nil {
		err = os.Rename(taking, filepath.Join(dir, candidate))
	}
	if err != nil {
		return fmt.Errorf("cannot keep candidate: %w", err)
	}
	return nil
}

// promote makes a generation of what lies in a folder, and drops the oldest. It is on the disk before
// anything is dropped, and before anybody is told that it is kept.
func (s Store) promote(agent string, snap config.Snapshot, from string, m Manifest) (Manifest, bool, error) {
	dir := s.folder(agent, snap.Name)
	before := s.List(agent, snap.Name)
	m.Number = s.next(dir)
	if err := m.write(from); err != nil {
		return m, false, err
	}
	entries := 0
	for _, t := range m.Trees {
		entries += len(t.Entries)
	}
	err := syncTree(from, entries)
	if err == nil {
		err = os.Rename(from, filepath.Join(dir, genName(m.Number)))
	}
	for at := dir; err == nil && len(at) >= len(s.Dir); at = filepath.Dir(at) { // its folders may be new too
		err = fsys.SyncDir(at)
	}
	if err != nil {
		return m, false, fmt.Errorf("cannot keep snapshot: %w", err)
	}
	for _, old := range before[min(len(before), max(snap.Keep-1, 0)):] {
		_ = drop(filepath.Join(dir, genName(old.Number)))
	}
	return m, true, nil
}

// syncOneByOne is how many files and folders are brought to the disk one by one; more go together with
// everything else that the file system has to write.
const syncOneByOne = 512

// syncTree brings a tree of ours to the disk.
func syncTree(path string, entries int) error {
	if entries > syncOneByOne {
		return fsys.SyncFS(path)
	}
	return filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !d.Type().IsRegular() {
			return err
		}
		return fsys.SyncDir(at)
	})
}

// droppedSuffix ends the name of a folder that is being removed: half of a generation is none.
const droppedSuffix = ".dropped"

// drop removes a folder whole or not at all.
func drop(path string) error {
	gone := path + droppedSuffix
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("cannot clean up: %w", err)
	}
	if err := os.Rename(path, gone); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("cannot drop %s: %w", path, err)
	}
	return os.RemoveAll(gone)
}

// sweep removes what a death has left of folders that were being removed.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "*"+droppedSuffix))
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

func genName(n int) string { return fmt.Sprintf("%s%06d", genPrefix, n) }

// next is a number that no generation has had.
func (s Store) next(dir string) int {
	most := 0
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if n, err := strconv.Atoi(strings.TrimPrefix(e.Name(), genPrefix)); err == nil {
			most = max(most, n)
		}
	}
	return most + 1
}

// take copies all trees into a new folder.
func take(dir string, snap config.Snapshot) (Manifest, error) {
	var m Manifest
	left := &bounds{int64(snap.MaxSize), snap.MaxFiles}
	for i, path := range snap.Paths {
		t := Tree{Path: path}
		to := filepath.Join(dir, strconv.Itoa(i))
		if err := os.MkdirAll(to, 0o700); err != nil {
			return m, fmt.Errorf("cannot make folder: %w", err)
		}
		entries, err := copyTree(path, filepath.Join(to, treeName), left, m.skip)
		if errors.Is(err, fs.ErrNotExist) && len(entries) == 0 {
			t.Missing = true
		} else if err != nil {
			return m, err
		}
		t.Entries = entries
		m.Trees = append(m.Trees, t)
	}
	return m, nil
}

// treeName is what a tree is called inside a generation.
const treeName = "tree"

// copyTree copies what lies at one path to another that does not exist yet. Both parents are
// trusted; what lies at and below the paths is not.
func copyTree(from, to string, left *bounds, skip func(name, why string)) ([]Entry, error) {
	info, err := os.Lstat(from)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", from, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, fmt.Errorf("cannot read %s: its owner is not known", from)
	}
	c := &copier{owner: stat.Uid, left: left, skip: skip}
	if !info.IsDir() {
		return c.single(from, to)
	}
	return c.roots(from, to, ".")
}

// single copies one file or link, below the folders that hold it.
func (c *copier) single(from, to string) ([]Entry, error) {
	hold := holdOf(to)
	defer os.RemoveAll(hold)
	if err := os.RemoveAll(hold); err != nil { // of one that was killed
		return nil, fmt.Errorf("cannot clean up: %w", err)
	}
	name := filepath.Base(from)
	entries, err := c.roots(filepath.Dir(from), hold, name)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	if err := os.Rename(filepath.Join(hold, name), to); err != nil {
		return nil, fmt.Errorf("cannot copy file: %w", err)
	}
	entries[0].Name = "."
	return entries, nil
}

func holdOf(to string) string { return filepath.Join(filepath.Dir(to), "."+filepath.Base(to)) }

func (c *copier) roots(from, to, name string) (_ []Entry, err error) {
	if c.from, err = os.OpenRoot(from); err != nil {
		return nil, fmt.Errorf("cannot open folder: %w", err)
	}
	defer c.from.Close()
	if c.to, err = makeRoot(to); err != nil {
		return nil, err
	}
	defer c.to.Close()
	err = c.walk(name, 0)
	return c.entries, err
}

// makeRoot makes a folder and opens it; a link that somebody puts in its place meanwhile
// leads nowhere.
func makeRoot(path string) (*os.Root, error) {
	parent, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("cannot open folder: %w", err)
	}
	defer parent.Close()
	if err := parent.Mkdir(filepath.Base(path), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make folder: %w", err)
	}
	root, err := parent.OpenRoot(filepath.Base(path))
	if err != nil {
		return nil, fmt.Errorf("cannot open folder: %w", err)
	}
	return root, nil
}
