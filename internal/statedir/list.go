package statedir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/host/fsys"
)

const (
	// aboutFile says what a state directory belongs to; its time of change is when it was used
	// last. Only directories with one that names a command are ever pruned by themselves.
	aboutFile = "about.json"
	// stampFile in the root is when the last automatic prune was.
	stampFile = ".pruned"
	// doomed begins the name of a directory that is being removed.
	doomed = ".removing-"
)

// About says what a state directory belongs to.
type About struct {
	// Command was run in Folder, or Policy was given.
	Command []string `json:"command,omitempty"`
	Folder  string   `json:"folder,omitempty"`
	Policy  string   `json:"policy,omitempty"`
	// Home is the directory in whose place this one is used for now.
	Home string `json:"home,omitempty"`
}

// Mark notes what a directory belongs to, and that it is used now.
func Mark(dir string, a About) error {
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("cannot mark %s: %w", dir, err)
	}
	b, path := append(b, '\n'), filepath.Join(dir, aboutFile)
	now := time.Now()
	if was, err := os.ReadFile(path); err == nil && bytes.Equal(was, b) && os.Chtimes(path, now, now) == nil {
		return nil // it says so already
	}
	return fsys.Replace(path, b)
}

// AboutOf is what a directory belongs to; empty where that is not known.
func AboutOf(dir string) (a About) {
	if b, err := os.ReadFile(filepath.Join(dir, aboutFile)); err == nil {
		_ = json.Unmarshal(b, &a)
	}
	return a
}

// Info is one state directory.
type Info struct {
	Dir string `json:"dir"`
	About
	// Used is when a sidecar began to use it last.
	Used time.Time `json:"used"`
	// Bytes is what it occupies on the disk.
	Bytes int64 `json:"bytes"`
	// Running says that a sidecar uses it now.
	Running bool `json:"running"`
}

// List describes the state directories below a root, the latest used first.
func List(root string) ([]Info, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list state directories: %w", err)
	}
	var all []Info
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			all = append(all, look(filepath.Join(root, e.Name())))
		}
	}
	slices.SortFunc(all, func(a, b Info) int { return b.Used.Compare(a.Used) })
	return all, nil
}

func look(dir string) Info {
	return Info{Dir: dir, About: AboutOf(dir), Used: used(dir), Bytes: size(dir), Running: running(dir)}
}

// used is when a sidecar began to use a directory last.
func used(dir string) time.Time {
	for _, name := range []string{aboutFile, "lock"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return info.ModTime()
		}
	}
	return time.Time{}
}

func running(dir string) bool {
	lock, err := fsys.TryLock(dir)
	if err == nil {
		lock.Close()
	}
	return errors.Is(err, fsys.ErrLocked)
}

// Latest is the directory below a root that was used last, holds a folder of that name, and is not used
// now; empty for none.
func Latest(root, folder string) string {
	dirs, _ := filepath.Glob(filepath.Join(root, "*", folder))
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	slices.SortFunc(dirs, func(a, b string) int { return used(b).Compare(used(a)) })
	i := slices.IndexFunc(dirs, func(dir string) bool { return !running(dir) })
	if i < 0 {
		return ""
	}
	return dirs[i]
}

// size is what a directory occupies; what cannot be read counts nothing.
func size(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // a file that has just gone
		}
		if info, err := d.Info(); err == nil {
			bytes += fsys.Occupied(info)
		}
		return nil
	})
	return bytes
}

// Limits bound what wrapped commands leave behind.
type Limits struct {
	// Age is how long one may be unused, Number how many there may be, Bytes what they may
	// occupy together. Zero means no bound.
	Age    time.Duration
	Number int
	Bytes  int64
}

// Default is what is kept without a person's doing.
var Default = Limits{Age: 30 * 24 * time.Hour, Number: 200, Bytes: 1 << 30}

// Surplus are the directories of commands beyond the limits, those unused for longest. What is
// in use is never among them, nor what belongs to a policy.
func Surplus(all []Info, l Limits, now time.Time) []Info {
	var beyond []Info
	number, bytes := 0, int64(0)
	for _, i := range all { // the latest used first
		if len(i.Command) == 0 {
			continue
		}
		number, bytes = number+1, bytes+i.Bytes
		old := l.Age > 0 && now.Sub(i.Used) > l.Age
		if !i.Running && (old || l.Number > 0 && number > l.Number || l.Bytes > 0 && bytes > l.Bytes) {
			beyond = append(beyond, i)
			number, bytes = number-1, bytes-i.Bytes
		}
	}
	return beyond
}

// Remove deletes a state directory that nobody uses.
func Remove(dir string) error {
	lock, err := fsys.TryLock(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	aside := filepath.Join(filepath.Dir(dir), doomed+filepath.Base(dir))
	_ = os.RemoveAll(aside)
	if err := os.Rename(dir, aside); err != nil {
		return fmt.Errorf("cannot remove state directory: %w", err)
	}
	if err := os.RemoveAll(aside); err != nil {
		return fmt.Errorf("cannot remove state directory: %w", err)
	}
	return nil
}

// pruneEvery is how often commands prune by themselves.
const pruneEvery = time.Hour

// Tidy removes what is beyond the limits, at most once an hour, and returns how many
// directories that were.
func Tidy(root string, l Limits, now time.Time) (removed int, err error) {
	stamp := filepath.Join(root, stampFile)
	if info, err := os.Stat(stamp); err == nil && now.Sub(info.ModTime()) < pruneEvery {
		return 0, nil
	}
	if err := fsys.Replace(stamp, nil); err != nil {
		return 0, fmt.Errorf("cannot prune state: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(root, doomed+"*"))
	for _, dir := range left {
		_ = os.RemoveAll(dir)
	}
	all, err := List(root)
	if err != nil {
		return 0, err
	}
	for _, i := range Surplus(all, l, now) {
		if failed := Remove(i.Dir); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		removed++
	}
	return removed, err
}
