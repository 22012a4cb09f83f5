package follow

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

const (
	// treeTail is how much of the end of each file is read that was there at first.
	treeTail = 32 << 10
	// mostLeaves bounds how many folders are followed; those that changed last are.
	mostLeaves = 256
)

// Tree follows all files that match a pattern with wildcards in its folders too, as in
// sessions/*/*/rollout-*.jsonl. Their lines are JSON records of any length. It belongs to one goroutine.
type Tree struct {
	// root is the part before the first wildcard, levels are the patterns of the folders below it, name that
	// of the files.
	root   string
	levels []string
	name   string
	// leaves are the folders that hold files, inner those above them.
	leaves map[string]*Folder
	inner  map[string]*level
	stale  atomic.Bool

	watcher *Watcher
	wake    chan<- struct{}
}

// level hears of new folders in one directory.
type level struct {
	tree *Tree
	name string
}

func (l *level) noted(name string) bool {
	if ours, _ := filepath.Match(l.name, name); name != "" && !ours {
		return false
	}
	l.tree.stale.Store(true)
	return true
}

// OpenTree follows the files that match. Of those that are there the end is read. Folders that do not
// exist yet are waited for.
func OpenTree(pattern string) *Tree {
	if whole, err := filepath.Abs(pattern); err == nil { // a policy may name its folder as "."
		pattern = whole
	}
	parts := strings.Split(pattern, string(filepath.Separator))
	first := slices.IndexFunc(parts, func(p string) bool { return strings.ContainsAny(p, "*?[") })
	if first < 0 || first == len(parts)-1 {
		first = len(parts) - 1
	}
	t := &Tree{
		root: strings.Join(parts[:first], string(filepath.Separator)), levels: parts[first : len(parts)-1],
		name: parts[len(parts)-1], leaves: map[string]*Folder{}, inner: map[string]*level{},
	}
	if t.root == "" {
		t.root = string(filepath.Separator)
	}
	t.stale.Store(true)
	return t
}

// Subscribe asks a watcher for news of the tree.
func (t *Tree) Subscribe(w *Watcher, ch chan<- struct{}) {
	t.watcher, t.wake = w, ch
	t.expand()
}

// expand looks for folders that are new, and for those that are gone.
func (t *Tree) expand() {
	t.stale.Store(false)
	dirs := []string{t.root}
	inner := map[string]*level{}
	for _, pattern := range t.levels {
		var next []string
		for _, dir := range dirs {
			inner[dir] = &level{t, pattern}
			next = append(next, folders(dir, pattern)...)
		}
		dirs = latest(next)
	}
	t.follow(dirs)
	t.listen(inner)
}

// folders are those in a directory whose names match.
func folders(dir, pattern string) (found []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if ours, _ := filepath.Match(pattern, e.Name()); ours && e.IsDir() {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return found
}

// latest are the folders in which something changed last, as many as are followed.
func latest(dirs []string) []string {
	if len(dirs) <= mostLeaves {
		return dirs
	}
	changed := map[string]int64{}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil {
			changed[dir] = info.ModTime().UnixNano()
		}
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Compare(changed[b], changed[a]) })
	return dirs[:mostLeaves]
}

// follow keeps the leaves that are there and opens the new ones.
func (t *Tree) follow(dirs []string) {
	for dir, f := range t.leaves {
		if !slices.Contains(dirs, dir) {
			t.leave(dir, f)
		}
	}
	for _, dir := range dirs {
		if t.leaves[dir] != nil {
			continue
		}
		f := &Folder{dir: dir, pattern: t.name, files: map[string]*File{}, changed: map[string]bool{}, all: true, tail: treeTail, records: true}
		t.leaves[dir] = f
		if t.watcher != nil {
			f.Subscribe(t.watcher, t.wake) // before the first look, so that nothing is missed between them
		}
		_ = f.scan()
	}
}

func (t *Tree) leave(dir string, f *Folder) {
	if t.watcher != nil {
		f.Unsubscribe(t.watcher, t.wake)
	}
	f.Close()
	delete(t.leaves, dir)
}

// listen hears of changes in the folders above the leaves.
func (t *Tree) listen(inner map[string]*level) {
	if t.watcher == nil {
		return
	}
	for dir, l := range t.inner {
		if inner[dir] == nil {
			t.watcher.unsubscribeFolder(dir, l)
			delete(t.inner, dir)
		}
	}
	for dir, l := range inner {
		if t.inner[dir] == nil {
			t.inner[dir] = l
			t.watcher.subscribeFolder(dir, l, t.wake)
		}
	}
}

// Read hands out all records that are complete by now of the files that have changed, with the path of the
// file.
func (t *Tree) Read(each func(path string, block []byte)) error { return t.read(each, (*Folder).Read) }

// Drain is Read for a writer that has ended: an unfinished line counts too.
func (t *Tree) Drain(each func(path string, block []byte)) error {
	t.stale.Store(true)
	return t.read(each, (*Folder).Drain)
}

func (t *Tree) read(each func(string, []byte), how func(*Folder, func([]byte)) error) error {
	if t.stale.Load() {
		t.expand()
	}
	var failed error
	for dir, f := range t.leaves {
		failed = cmp.Or(failed, how(f, func(block []byte) { each(filepath.Join(dir, f.Part()), block) }))
	}
	return failed
}

// Close stops following.
func (t *Tree) Close() {
	for dir, f := range t.leaves {
		t.leave(dir, f)
	}
	t.listen(nil)
}
