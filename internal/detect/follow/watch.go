package follow

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// lookEvery is how often files are read although nothing was reported: some file
// systems report nothing.
const lookEvery = time.Second

// Watcher tells followers that something changed. It watches directories, so a
// file may be renamed, deleted and made again.
type Watcher struct {
	notify *fsnotify.Watcher

	mu   sync.Mutex // guards subs
	subs map[string][]chan<- struct{}
}

// NewWatcher returns a watcher; Run must be running for news to arrive.
func NewWatcher() (*Watcher, error) {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("cannot watch files: %w", err)
	}
	return &Watcher{notify: n, subs: map[string][]chan<- struct{}{}}, nil
}

// Subscribe makes ch receive when the path may have changed. ch must have room
// for one; more news than that are one news.
func (w *Watcher) Subscribe(path string, ch chan<- struct{}) error {
	path = filepath.Clean(path)
	w.mu.Lock()
	w.subs[path] = append(w.subs[path], ch)
	w.mu.Unlock()
	if err := w.notify.Add(filepath.Dir(path)); err != nil {
		return fmt.Errorf("cannot watch %s: %w", filepath.Dir(path), err)
	}
	return nil
}

// Run passes news on until the context ends.
func (w *Watcher) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	defer w.notify.Close()
	for {
		select {
		case e := <-w.notify.Events:
			w.tell(filepath.Clean(e.Name))
		case <-w.notify.Errors:
			w.tell("") // the queue overflowed: anything may have changed
		case <-tick.C:
			w.tell("")
		case <-ctx.Done():
			return
		}
	}
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
}

func wake(subs []chan<- struct{}) {
	for _, ch := range subs {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
