package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// maxChanges bounds how many differences are told.
const maxChanges = 1000

// Changes are what is different now from what a generation holds: + for what is new, - for
// what is gone, ~ for what is not the same.
func (m Manifest) Changes() []string {
	var all []string
	for _, t := range m.Trees {
		all = append(all, t.changes()...)
	}
	slices.Sort(all)
	return all[:min(len(all), maxChanges)]
}

func (t Tree) changes() (all []string) {
	known := map[string]Entry{}
	for _, e := range t.Entries {
		known[e.Name] = e
	}
	_ = filepath.WalkDir(t.Path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || len(all) > maxChanges {
			return nil
		}
		name, _ := filepath.Rel(t.Path, path)
		e, was := known[name]
		delete(known, name)
		switch {
		case !was && (d.IsDir() || d.Type().IsRegular() || d.Type() == fs.ModeSymlink):
			all = append(all, "+ "+path)
		case was && !same(path, d, e):
			all = append(all, "~ "+path)
		}
		return nil
	})
	for name := range known {
		all = append(all, "- "+filepath.Join(t.Path, name))
	}
	return all
}

// same compares what lies at a path with what a manifest says.
func same(path string, d fs.DirEntry, e Entry) bool {
	switch {
	case d.Type() != e.Mode.Type():
		return false
	case d.Type() == fs.ModeSymlink:
		target, err := os.Readlink(path)
		return err == nil && target == e.Link
	case d.IsDir():
		return true
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() != e.Size {
		return false
	}
	h := sha256.New()
	_, err = io.Copy(h, io.LimitReader(f, e.Size))
	return err == nil && hex.EncodeToString(h.Sum(nil)) == e.Sum
}
