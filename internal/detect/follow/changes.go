package follow

import (
	"context"
	"fmt"
	"io/fs"
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
	// mostFolders bounds how many folders are watched.
	mostFolders = 2000
)

// leftOut are folders that hold what is made and not written, and endings of such files.
var (
	leftOut = []string{"node_modules", "__pycache__", "venv", "target", "dist", "build"}
	made    = []string{".pyc", ".log", ".tmp", ".swp", ".db", ".sqlite", ".sqlite3", ".db-wal", ".db-journal", "~"}
)

// Changes tells of changes to files below a folder, until the context ends. Several that
// come together are told once, by the first of them.
func Changes(ctx context.Context, dir string, tell func(path string)) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("cannot watch files: %w", err)
	}
	defer w.Close()
	if err := watchBelow(w, dir); err != nil {
		return err
	}
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	first := ""
	for {
		select {
		case e := <-w.Events:
			if e.Has(fsnotify.Create) {
				_ = watchBelow(w, e.Name) // a folder that is new
			}
			if e.Op == fsnotify.Chmod || ignored(e.Name) {
				continue
			}
			if first == "" {
				first = e.Name
			}
			quiet.Reset(quietFor)
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
func watchBelow(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return nil
		case path != dir && ignored(path), len(w.WatchList()) >= mostFolders:
			return fs.SkipDir
		}
		if err := w.Add(path); err != nil && path == dir {
			return fmt.Errorf("cannot watch %s: %w", path, err)
		}
		return nil
	})
}

func ignored(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, ".") || slices.Contains(leftOut, name) || slices.ContainsFunc(made, func(end string) bool { return strings.HasSuffix(name, end) })
}
