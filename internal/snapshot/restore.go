package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"healer-sidecar/internal/host/fsys"
)

const (
	// stagePrefix begins what is staged beside a tree, asidePrefix what was bad and is kept
	// beside it until the next time.
	stagePrefix, asidePrefix = ".healer-stage-", ".healer-bad-"
	// intentFile says what is about to be exchanged.
	intentFile = "restoring.json"
)

// swap is one tree that is put back.
type swap struct {
	Path string `json:"path"`
	// Inode is that of the staged copy; zero for a tree that is taken away.
	Inode uint64 `json:"inode"`
	// Undo says that what lies aside is put back, and has yet to be staged.
	Undo bool `json:"undo,omitempty"`
}

func (w swap) stage() string {
	return filepath.Join(filepath.Dir(w.Path), stagePrefix+filepath.Base(w.Path))
}

func (w swap) aside() string {
	return filepath.Join(filepath.Dir(w.Path), asidePrefix+filepath.Base(w.Path))
}

// Choice is a generation that is to be put back.
type Choice struct {
	Snapshot string
	Number   int
}

// Staged are generations that lie beside what they will replace. Nothing has happened yet.
type Staged struct {
	store Store
	agent string
	swaps []swap
}

// Stage brings generations to where they belong, as far as that harms nothing: the agent may
// be running. What cannot be staged, as for want of space, is found out here.
func (s Store) Stage(agent string, chosen []Choice) (*Staged, error) {
	if _, err := s.pending(agent); err != nil { // its stage would be overwritten
		return nil, err
	}
	st := &Staged{store: s, agent: agent}
	for _, c := range chosen {
		dir := filepath.Join(s.folder(agent, c.Snapshot), genName(c.Number))
		m, err := readManifest(dir)
		for i, t := range m.Trees {
			if err != nil {
				break
			}
			st.swaps = append(st.swaps, swap{Path: t.Path})
			err = stage(&st.swaps[len(st.swaps)-1], filepath.Join(dir, strconv.Itoa(i), treeName), t)
		}
		if err != nil {
			st.Discard()
			return nil, fmt.Errorf("cannot restore: %w", err)
		}
	}
	return st, nil
}

// Discard drops what was staged.
func (st *Staged) Discard() {
	for _, w := range st.swaps {
		_ = os.RemoveAll(w.stage())
	}
}

// CarryOut puts it in force, the agent being stopped. What is there now is kept beside it,
// and what was kept there before is dropped.
func (st *Staged) CarryOut() error {
	if err := st.store.intend(st.agent, st.swaps); err != nil {
		st.Discard()
		return fmt.Errorf("cannot restore: %w", err)
	}
	return st.store.carryOut(st.agent, st.swaps)
}

// stage copies a tree beside the place where it belongs, and brings it to the disk.
func stage(w *swap, from string, t Tree) error {
	if err := os.RemoveAll(w.stage()); err != nil {
		return fmt.Errorf("cannot clean up: %w", err)
	}
	if t.Missing {
		return nil
	}
	got, err := copyTree(from, w.stage(), &bounds{math.MaxInt64, math.MaxInt}, func(string, string) {})
	if err != nil {
		return err
	}
	if err := verify(t, got); err != nil {
		return err
	}
	if err := dressLike(w.Path, w.stage(), t); err != nil {
		return err
	}
	info, err := os.Lstat(w.stage())
	if err != nil {
		return fmt.Errorf("cannot stage: %w", err)
	}
	w.Inode = info.Sys().(*syscall.Stat_t).Ino
	if err := syncTree(w.stage(), len(got)); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(w.Path))
}

// verify compares what was copied with what the manifest says.
func verify(t Tree, got []Entry) error {
	if len(got) != len(t.Entries) {
		return fmt.Errorf("the generation is damaged: %d entries of %d", len(got), len(t.Entries))
	}
	for i, e := range t.Entries {
		if got[i].Name != e.Name || got[i].Sum != e.Sum || got[i].Link != e.Link {
			return fmt.Errorf("the generation is damaged: %s is not what it was", e.Name)
		}
	}
	return nil
}

// dressLike gives the copy the owner of what it replaces, and the modes of the manifest.
func dressLike(path, stage string, t Tree) error {
	owner := -1
	group := -1
	like, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		like, err = os.Lstat(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("cannot read owner: %w", err)
	}
	if stat, ok := like.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		owner, group = int(stat.Uid), int(stat.Gid)
	}
	root, err := os.OpenRoot(filepath.Dir(stage))
	if err != nil {
		return fmt.Errorf("cannot open folder: %w", err)
	}
	defer root.Close()
	for i := len(t.Entries) - 1; i >= 0; i-- { // folders after what they hold
		e := t.Entries[i]
		name := filepath.Join(filepath.Base(stage), e.Name)
		err := error(nil)
		if owner >= 0 {
			err = root.Lchown(name, owner, group)
		}
		if err == nil && e.Mode&fs.ModeSymlink == 0 {
			err = root.Chmod(name, e.Mode.Perm())
		}
		if err != nil {
			return fmt.Errorf("cannot set owner or mode: %w", err)
		}
	}
	return nil
}

func (s Store) note(agent string) string { return filepath.Join(s.Dir, agent, intentFile) }

// intend writes down what is about to be done. From then on it is ended, by whom ever.
func (s Store) intend(agent string, swaps []swap) error {
	text, err := json.Marshal(swaps)
	if err != nil {
		return fmt.Errorf("cannot encode intent: %w", err)
	}
	return fsys.Replace(s.note(agent), text)
}

// errLost says that what was to be put back is not there any more. What is there stays.
var errLost = errors.New("what was staged is gone")

// carryOut does what was written down, as far as it is not done, and takes the note away. What was
// lost can never be done: it is an error, but no reason to try again.
func (s Store) carryOut(agent string, swaps []swap) error {
	var lost error
	for _, w := range swaps {
		switch err := w.finish(); {
		case errors.Is(err, errLost):
			lost = errors.Join(lost, err)
		case err != nil:
			return err
		}
	}
	if err := os.Remove(s.note(agent)); err != nil {
		return fmt.Errorf("cannot end restore: %w", err)
	}
	return errors.Join(lost, fsys.SyncDir(filepath.Dir(s.note(agent))))
}

// finish exchanges one tree, or ends that where it was begun. Each step is on the disk before the
// next one deletes anything.
func (w swap) finish() error {
	dir, err := os.Open(filepath.Dir(w.Path))
	if err != nil {
		return fmt.Errorf("cannot open folder: %w", err)
	}
	defer dir.Close()
	if err := w.fetch(dir); err != nil {
		return err
	}
	there, exists := inodeOf(w.Path)
	at, staged := inodeOf(w.stage())
	switch {
	case w.Inode == 0 && exists: // it did not exist then
		err = os.Rename(w.Path, w.stage())
	case w.Inode == 0 || there == w.Inode:
	case !staged || at != w.Inode:
		return fmt.Errorf("cannot restore %s: %w", w.Path, errLost)
	case exists:
		err = exchange(dir, filepath.Base(w.Path), filepath.Base(w.stage()))
		if errors.Is(err, errors.ErrUnsupported) {
			err = w.replace()
		}
	default:
		err = os.Rename(w.stage(), w.Path)
	}
	if err == nil {
		err = dir.Sync()
	}
	if err != nil {
		return fmt.Errorf("cannot restore %s: %w", w.Path, err)
	}
	if old, left := inodeOf(w.stage()); left && old != w.Inode {
		if err := os.RemoveAll(w.aside()); err != nil {
			return fmt.Errorf("cannot drop what was kept aside: %w", err)
		}
		if err := os.Rename(w.stage(), w.aside()); err != nil {
			return fmt.Errorf("cannot keep the bad tree aside: %w", err)
		}
	}
	return dir.Sync()
}

// fetch stages what lies aside, for an undo. Before, what an interrupted one has left on the stage is
// dropped: only a copy ever lies there when nothing is pending.
func (w swap) fetch(dir *os.File) error {
	if at, there := inodeOf(w.aside()); !w.Undo || !there || at != w.Inode {
		return nil
	}
	if err := os.RemoveAll(w.stage()); err != nil {
		return fmt.Errorf("cannot clean up: %w", err)
	}
	if err := os.Rename(w.aside(), w.stage()); err != nil {
		return fmt.Errorf("cannot stage what was kept aside: %w", err)
	}
	return dir.Sync()
}

// exchange is host.Exchange, but in a test.
var exchange = fsys.Exchange

// replace does with two steps what cannot be done with one. Between them the path is missing, and
// the agent is down; a death there is ended by finish, like any other.
func (w swap) replace() error {
	if err := os.RemoveAll(w.aside()); err != nil {
		return fmt.Errorf("cannot drop what was kept aside: %w", err)
	}
	if err := os.Rename(w.Path, w.aside()); err != nil {
		return err
	}
	return os.Rename(w.stage(), w.Path)
}

func inodeOf(path string) (uint64, bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return stat.Ino, ok
}

// Recover ends a restore that our death interrupted: once everything was staged it is
// carried out; before that nothing has happened, and what was staged beside the paths is
// dropped. It must be called before the agent is started. What was lost meanwhile is no reason not to
// start: the tree that is there stays, and the error is told.
func (s Store) Recover(agent string, paths []string) (ended bool, err error) {
	ended, err = s.pending(agent)
	if ended || err != nil {
		return ended, err
	}
	for _, path := range paths {
		stage := swap{Path: path}.stage()
		_, _ = os.RemoveAll(stage), os.RemoveAll(holdOf(stage))
	}
	return false, nil
}

// Lost reports that an error of Recover says that something cannot be put back any more, and that all
// else was ended.
func Lost(err error) bool { return errors.Is(err, errLost) }

// pending carries out what was written down and not ended; false for nothing.
func (s Store) pending(agent string) (bool, error) {
	text, err := os.ReadFile(s.note(agent))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot end restore: %w", err)
	}
	var swaps []swap
	if err := json.Unmarshal(text, &swaps); err != nil { // it was never written whole: nothing has happened
		if err := os.Rename(s.note(agent), s.note(agent)+".damaged"); err != nil {
			return false, fmt.Errorf("cannot set a damaged note aside: %w", err)
		}
		return false, nil
	}
	err = s.carryOut(agent, swaps)
	return err == nil || errors.Is(err, errLost), err
}

// Undo puts back what a restore has replaced. What lies aside is named in the intent before it is
// touched: it is the newest that there is.
func (s Store) Undo(agent string, paths []string) error {
	if _, err := s.pending(agent); err != nil && !errors.Is(err, errLost) {
		return fmt.Errorf("cannot take back: %w", err)
	}
	var swaps []swap
	for _, path := range paths {
		w := swap{Path: path, Undo: true}
		if inode, there := inodeOf(w.aside()); there {
			w.Inode = inode
			swaps = append(swaps, w)
		}
	}
	if err := s.intend(agent, swaps); err != nil {
		return fmt.Errorf("cannot take back: %w", err)
	}
	return s.carryOut(agent, swaps)
}
