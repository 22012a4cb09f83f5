package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"healer-sidecar/testlab"
)

// tidy removes the cgroups that a killed sidecar and its runs leave: they are empty
// once their processes have ended.
func tidy(l *testlab.Lab) {
	events, _ := l.Recorded()
	ours := map[string]bool{}
	for _, e := range events {
		if e.Run != nil {
			ours["healer-"+e.Run.ID] = true
			if e.Run.Cgroup != "" {
				ours[filepath.Base(filepath.Dir(e.Run.Cgroup))] = true
			}
		}
	}
	var dirs []string
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && underAny(path, ours) {
			dirs = append(dirs, path)
		}
		return nil
	})
	slices.Reverse(dirs) // the deepest first
	for _, dir := range dirs {
		_ = testlab.Wait("the cgroup is empty", func() bool { return os.Remove(dir) == nil || !exists(dir) })
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// underAny reports that one of the folders of a path has one of the names.
func underAny(path string, names map[string]bool) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return names[part] })
}
