package follow

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quietFor is how long nothing more must change before a change is told: an editor
	// writes several files at once.
	quietFor = 300 * time.Millisecond
	// toldWithin is how long a change is kept back when more follow all the time.
	toldWithin = 2 * time.Second
	// mostFolders bounds how many folders are watched.
	mostFolders = 2000
)

// leftOut are folders that hold what is made and not written, and endings of such files.
var (
	leftOut = []string{"node_modules", "__pycache__", "venv", "target", "dist", "build"}
	made    = []string{".pyc", ".log", ".tmp", ".swp", ".db", ".sqlite", ".sqlite3", ".db-wal", ".db-journal", "~"}
)

// Changes tells of changes to files below a folder that are selected and not left out by a .gitignore
// there, until the context ends. Several that come together are told once, by the first of them. skip is
// asked about each: what it knows counts for nothing.
func Changes(ctx context.Context, dir string, s Selection, skip func(path string) bool, tell func(path string)) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("cannot watch files: %w", err)
	}
	defer w.Close()
	if err := s.watchBelow(w, dir, dir); err != nil {
		return err
	}
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	first, latest := "", time.Time{}
	for {
		select {
		case e := <-w.Events:
			if e.Has(fsnotify.Create) {
				_ = s.watchBelow(w, dir, e.Name) // a folder that is new
			}
			path, err := filepath.Rel(dir, e.Name)
			if err != nil || e.Op == fsnotify.Chmod || !s.wants(path, isFolder(e.Name)) || skip(path) {
				continue
			}
			if first == "" {
				first, latest = path, time.Now().Add(toldWithin)
			}
			quiet.Reset(min(quietFor, time.Until(latest)))
		case <-quiet.C:
			tell(first)
			first = ""
		case <-w.Errors: // an overflow: more is on its way
		case <-ctx.Done():
			return nil
		}
	}
}

// watchBelow watches a folder and all below it that people write in.
func (s *Selection) watchBelow(w *fsnotify.Watcher, root, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		below, failed := filepath.Rel(root, path)
		switch {
		case err != nil || failed != nil || !d.IsDir():
			return nil
		case path != root && (ignored(path) || s.leavesOut(below, true)), len(w.WatchList()) >= mostFolders:
			return fs.SkipDir
		}
		s.git(root, below)
		if err := w.Add(path); err != nil && path == dir {
			return fmt.Errorf("cannot watch %s: %w", path, err)
		}
		return nil
	})
}

func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

func ignored(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, ".") || slices.Contains(leftOut, name) || slices.ContainsFunc(made, func(end string) bool { return strings.HasSuffix(name, end) })
}
