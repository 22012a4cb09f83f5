package follow

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	// maxOpen bounds how many files of a folder are open at once; the one that was idle
	// for longest is closed first. maxFiles bounds how many are known.
	maxOpen, maxFiles = 128, 100_000
)

// Folder follows all files of a directory whose names match a pattern, however many there
// are: only those that are written to are open. It belongs to one goroutine; only noted is
// safe from others.
type Folder struct {
	dir, pattern string
	files        map[string]*File
	// open are the files that are, the one that was idle for longest first.
	open []string
	// begun says that the files that were there at first are known: those that come later
	// are read from their beginning.
	begun bool
	// refused counts how often a file was found beyond those that can be known.
	refused int
	// tail is how much of the end of files that were there at first is read, and were written to not longer
	// ago than fresh; zero for none. records says that their lines are JSON.
	tail    int64
	records bool
	// part is the file whose lines are being handed out.
	part string

	mu      sync.Mutex // guards everything below
	changed map[string]bool
	all     bool
}

// OpenFolder follows the files that match, as in logs/*.log. Those that exist are followed
// from their present end. A directory that does not exist yet is waited for.
func OpenFolder(path string) *Folder {
	f := &Folder{dir: filepath.Dir(path), pattern: filepath.Base(path), files: map[string]*File{}, changed: map[string]bool{}, all: true}
	_ = f.scan()
	return f
}

// Path is the pattern.
func (f *Folder) Path() string { return filepath.Join(f.dir, f.pattern) }

// Part is the file whose lines are being handed out.
func (f *Folder) Part() string { return f.part }

// Subscribe asks a watcher for news of the folder.
func (f *Folder) Subscribe(w *Watcher, ch chan<- struct{}) { w.subscribeFolder(f.dir, f, ch) }

// Unsubscribe ends that.
func (f *Folder) Unsubscribe(w *Watcher, _ chan<- struct{}) { w.unsubscribeFolder(f.dir, f) }

// Files is how many are followed, Open how many of them are open.
func (f *Folder) Files() int { return len(f.files) }

// Refused is how often a file was found beyond those that are followed at most.
func (f *Folder) Refused() int { return f.refused }

// Open is how many of the files are open.
func (f *Folder) Open() int { return len(f.open) }

// noted takes in that a file may have changed; an empty name stands for any. It reports
// whether that is one of ours.
func (f *Folder) noted(name string) bool {
	if ours, _ := filepath.Match(f.pattern, name); name != "" && !ours {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if name == "" {
		f.all = true
	} else {
		f.changed[name] = true
	}
	return true
}

// take returns what may have changed, and whether that may be anything.
func (f *Folder) take() (names []string, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.changed {
		names = append(names, name)
	}
	clear(f.changed)
	all, f.all = f.all, false
	return names, all
}

// scan looks for files that are new, and for those that have grown or gone unseen.
func (f *Folder) scan() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("cannot follow folder: %w", err)
	}
	there := make(map[string]bool, len(entries))
	for _, e := range entries {
		if ours, _ := filepath.Match(f.pattern, e.Name()); !ours || e.IsDir() {
			continue
		}
		there[e.Name()] = true
		f.look(e)
	}
	for name, file := range f.files {
		if !there[name] {
			file.Close()
			f.forget(name)
		}
	}
	f.begun = true
	return nil
}

// look decides whether a file has to be read.
func (f *Folder) look(e os.DirEntry) {
	file, known := f.files[e.Name()]
	info, err := e.Info()
	switch {
	case err != nil:
	case !known:
		if file = f.add(e.Name()); file != nil && !f.begun {
			f.beginAtEnd(file, info)
		} else if file != nil {
			f.noted(e.Name())
		}
	case file.closedIdle != nil && (info.Size() != file.offset || !os.SameFile(info, file.closedIdle)), file.closedIdle == nil:
		f.noted(e.Name())
	}
}

// fresh is how long ago a file may have been written to whose end is still of interest.
const fresh = 24 * time.Hour

// beginAtEnd leaves out what a file holds already, but for its tail.
func (f *Folder) beginAtEnd(file *File, info os.FileInfo) {
	file.closedIdle, file.offset = info, info.Size()
	if f.tail == 0 || time.Since(info.ModTime()) > fresh {
		return
	}
	if file.offset = max(info.Size()-f.tail, 0); file.offset > 0 {
		file.lines.Skip()
	}
	f.noted(info.Name())
}

// add makes a file known; nil when too many are.
func (f *Folder) add(name string) *File {
	if len(f.files) >= maxFiles {
		f.refused++
		return nil
	}
	f.files[name] = &File{path: filepath.Join(f.dir, name), lines: Lines{Records: f.records}}
	return f.files[name]
}

// Read hands out all lines that are complete by now of the files that have changed.
func (f *Folder) Read(each func([]byte)) error {
	return f.read(func(file *File) error { return file.Read(each) })
}

// Drain is Read for a writer that has ended: an unfinished line counts too.
func (f *Folder) Drain(each func([]byte)) error {
	f.noted("")
	return f.read(func(file *File) error { return file.Drain(each) })
}

func (f *Folder) read(how func(*File) error) error {
	names, all := f.take()
	if all {
		if err := f.scan(); err != nil {
			return err
		}
		more, _ := f.take()
		names = append(names, more...)
	}
	slices.Sort(names)
	var failed error
	for _, name := range slices.Compact(names) {
		file := f.files[name]
		if file == nil {
			file = f.add(name)
		}
		if file == nil {
			continue
		}
		f.part = name
		failed = cmp.Or(failed, f.readOne(name, file, how))
	}
	return failed
}

// readOne reads a file and keeps it open as the latest that was written to.
func (f *Folder) readOne(name string, file *File, how func(*File) error) error {
	err := how(file)
	if i := slices.Index(f.open, name); i >= 0 {
		f.open = slices.Delete(f.open, i, i+1)
	}
	if file.file == nil {
		if _, gone := os.Lstat(file.path); errors.Is(gone, os.ErrNotExist) {
			f.forget(name)
		}
		return err
	}
	f.open = append(f.open, name)
	if file.Behind() {
		f.noted(name)
	}
	if len(f.open) > maxOpen {
		f.files[f.open[0]].park()
		f.open = f.open[1:]
	}
	return err
}

func (f *Folder) forget(name string) {
	delete(f.files, name)
	if i := slices.Index(f.open, name); i >= 0 {
		f.open = slices.Delete(f.open, i, i+1)
	}
}

// Behind reports that reading stopped because of the pace.
func (f *Folder) Behind() bool {
	return slices.ContainsFunc(f.open, func(name string) bool { return f.files[name].Behind() })
}

// Passed counts the bytes that came too fast to be read.
func (f *Folder) Passed() (n int64) {
	for _, file := range f.files {
		n += file.Passed()
	}
	return n
}

// Cut counts the lines that were longer than MaxLine.
func (f *Folder) Cut() (n int) {
	for _, file := range f.files {
		n += file.Cut()
	}
	return n
}

// Dropped is nothing: these files are the agent's own.
func (f *Folder) Dropped() (n int64, fault string) { return 0, "" }

// Keep means nothing to files that are the agent's own.
func (f *Folder) Keep(Keep) {}

// Resume means nothing: what was written before tells nothing about now.
func (f *Folder) Resume() {}

// Unfinished is none: nobody is asked in a folder of files.
func (f *Folder) Unfinished() []byte { return nil }

// Close stops following.
func (f *Folder) Close() {
	for _, file := range f.files {
		file.Close()
	}
}
