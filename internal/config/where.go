package config

import (
	"path/filepath"
	"regexp"
	"sync"
)

// literalStateDir is a state_dir that is a plain text, as nearly every one is.
var literalStateDir = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*state_dir[ \t]*=[ \t]*"([^"\\$%\n]*)"`)
})

// namesStateDir is any state_dir.
var namesStateDir = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*state_dir[ \t]*=`)
})

// StateDirOf reads from a policy nothing but where its sidecar keeps its state; empty when it
// does not say. A policy that is broken, or gone, must keep nobody from asking a sidecar that
// runs, or from stopping it.
func StateDirOf(path string) string {
	names, err := files(path)
	if err != nil {
		return ""
	}
	for _, name := range names {
		src, err := read(name)
		if err != nil {
			continue
		}
		if m := literalStateDir().FindSubmatch(src); m != nil {
			return Under(filepath.Dir(name), string(m[1]))
		}
		if !namesStateDir().Match(src) {
			continue
		}
		if p, err := Load(path); err == nil { // it has to be worked out
			return p.StateDir
		}
	}
	return ""
}
