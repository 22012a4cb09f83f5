package follow

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// lookEvery is how often files are read although nothing was reported: some file
	// systems report nothing.
	lookEvery = 5 * time.Second
	// searchEvery is how often a directory is looked for that cannot be watched yet.
	searchEvery = time.Second
)

// Watcher tells followers that something changed. It watches directories, so a
// file may be renamed, deleted and made again.
type Watcher struct {
	notify *fsnotify.Watcher

	mu   sync.Mutex // guards everything below
	subs map[string][]chan<- struct{}
	// folders are told of every file in their directory.
	folders map[string][]folderSub
	// unwatched are directories that cannot be watched yet.
	unwatched map[string]bool
}

// NewWatcher returns a watcher; Run must be running for news to arrive.
func NewWatcher() (*Watcher, error) {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("cannot watch files: %w", err)
	}
	return &Watcher{notify: n, subs: map[string][]chan<- struct{}{}, folders: map[string][]folderSub{}, unwatched: map[string]bool{}}, nil
}

// Subscribe makes ch receive when the path may have changed. ch must have room
// for one; more news than that are one news. A directory that does not exist yet
// is waited for.
func (w *Watcher) Subscribe(path string, ch chan<- struct{}) {
	path = filepath.Clean(path)
	dir := filepath.Dir(path)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs[path] = append(w.subs[path], ch)
	if w.notify.Add(dir) != nil {
		w.unwatched[dir] = true
	}
}

// noter takes in that something in its directory may have changed; an empty name stands for anything. It
// reports whether that is of interest.
type noter interface{ noted(name string) bool }

// folderSub is who watches a directory, and who is woken for it.
type folderSub struct {
	folder noter
	ch     chan<- struct{}
}

// subscribeFolder makes ch receive when a file of the folder may have changed.
func (w *Watcher) subscribeFolder(dir string, f noter, ch chan<- struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.folders[dir] = append(w.folders[dir], folderSub{f, ch})
	if w.notify.Add(dir) != nil {
		w.unwatched[dir] = true
	}
}

// unsubscribeFolder ends that.
func (w *Watcher) unsubscribeFolder(dir string, f noter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.folders[dir] = slices.DeleteFunc(w.folders[dir], func(s folderSub) bool { return s.folder == f })
	if len(w.folders[dir]) == 0 {
		delete(w.folders, dir)
		delete(w.unwatched, dir)
	}
}

// Unsubscribe ends a subscription.
func (w *Watcher) Unsubscribe(path string, ch chan<- struct{}) {
	path = filepath.Clean(path)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs[path] = slices.DeleteFunc(w.subs[path], func(c chan<- struct{}) bool { return c == ch })
}

// Rest stops the watch of a directory for a while: a writer there then pays nothing for
// it. Resume brings it back.
func (w *Watcher) Rest(dir string) { _ = w.notify.Remove(dir) }

// Resume watches a directory again. What changed meanwhile is not told.
func (w *Watcher) Resume(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.notify.Add(dir) != nil {
		w.unwatched[dir] = true
	}
}

// Run passes news on until the context ends.
func (w *Watcher) Run(ctx context.Context) {
	defer w.notify.Close()
	look := time.NewTimer(searchEvery)
	defer look.Stop()
	for {
		select {
		case e := <-w.notify.Events:
			w.tell(filepath.Clean(e.Name))
		case <-w.notify.Errors:
			w.tell("") // the queue overflowed: anything may have changed
		case <-look.C:
			look.Reset(w.search())
			w.tell("")
		case <-ctx.Done():
			return
		}
	}
}

// search tries to watch what could not be watched yet, and says when to look again.
func (w *Watcher) search() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	for dir := range w.unwatched {
		if w.notify.Add(dir) == nil {
			delete(w.unwatched, dir)
		}
	}
	if len(w.unwatched) > 0 {
		return searchEvery
	}
	return lookEvery
}

// tell wakes the followers of a path, or all for an empty one.
func (w *Watcher) tell(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p, subs := range w.subs {
		if path == "" || p == path {
			wake(subs)
		}
	}
	for dir, subs := range w.folders {
		if path != "" && dir != filepath.Dir(path) {
			continue
		}
		name := ""
		if path != "" {
			name = filepath.Base(path)
		}
		for _, s := range subs {
			if s.folder.noted(name) {
				wake([]chan<- struct{}{s.ch})
			}
		}
	}
}

func wake(subs []chan<- struct{}) {
	for _, ch := range subs {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
