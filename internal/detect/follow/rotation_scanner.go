package follow

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healer-sidecar/internal/host/fsys"
)

// knownMost is how many files beside a log are remembered.
const knownMost = 64

// queueMost is how many files are held open to be read one after the other; the others are
// found when these were read.
const queueMost = 16

// packed are ends of names under which lines lie that were read before.
var packed = []string{".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip"}

// rotationScanner finds the files that lay at the path of a log between two looks: it was renamed
// twice then, or more often. They lie beside it, under its name and something more.
type rotationScanner struct {
	path string
	// known are those beside the log that were read, or were there before it.
	known []fsys.FileID
}

// sibling is a file beside a log.
type sibling struct {
	path    string
	id      fsys.FileID
	written time.Time
}

// besides lists the files that may have been the log, the one that was written to last at the
// end.
func (b *rotationScanner) besides() []sibling {
	dir, name := filepath.Split(b.path)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return nil
	}
	var list []sibling
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), name)
		if !ok || rest == "" || slices.Contains(packed, filepath.Ext(rest)) {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		s := sibling{path: filepath.Join(dir, e.Name()), written: info.ModTime()}
		if s.id, err = fsys.FileIDOf(s.path); err == nil {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b sibling) int { return a.written.Compare(b.written) })
	return list
}

// newBetween takes what is there already as read.
func newBetween(path string) *rotationScanner {
	b := &rotationScanner{path: path}
	for _, s := range b.besides() {
		b.read(s.id)
	}
	return b
}

// read notes a file that was read.
func (b *rotationScanner) read(id fsys.FileID) {
	if slices.Contains(b.known, id) {
		return
	}
	if b.known = append(b.known, id); len(b.known) > knownMost {
		b.known = b.known[1:]
	}
}

// after opens the files beside the log that were not read and were written to after the last
// one that was, and when: the oldest first, at most queueMost. What lies at the path now is
// left out; one that begins like the last is a copy of it.
func (b *rotationScanner) after(last, at *os.File, written time.Time, head []byte) (files []*os.File) {
	if id, err := fsys.FileIDOfOpen(last); err == nil {
		b.read(id)
	}
	var now fsys.FileID
	if at != nil {
		now, _ = fsys.FileIDOfOpen(at) // none is like no file's
	}
	for _, s := range b.besides() {
		if len(files) == queueMost {
			break
		}
		if s.written.Before(written) || s.id == now || slices.Contains(b.known, s.id) {
			continue
		}
		f, err := fsys.OpenRegular(s.path)
		if err != nil {
			continue
		}
		if b.read(s.id); len(head) > 0 && beginsWith(f, head) {
			f.Close()
			continue
		}
		files = append(files, f)
	}
	return files
}
