package daemon

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
)

// startedBy says who started us: a wrapped command was run by a person, and so was a sidecar
// on a terminal, or one whose predecessor ended because it was told to. One that comes after
// a death, or after a sidecar that had nothing left to do, was started by a machine.
func (s *sidecar) startedBy() engine.Starter {
	switch {
	case s.options.Wrapped:
		return engine.CommandLine
	case s.state.ledger.Told, !service() && isatty.IsTerminal(os.Stderr.Fd()):
		return engine.Operator
	}
	return engine.Unattended
}

// lookForChanges is how often the files of held agents are looked at, againAfter the least time
// between two starts because of changes: something may write to such a file all the time.
const lookForChanges, againAfter = time.Second, 30 * time.Second

// tryChanged tells the engine when something changes that an agent is started with which is
// held for a bad configuration.
func (s *sidecar) tryChanged(ctx context.Context) {
	tick := time.NewTicker(lookForChanges)
	defer tick.Stop()
	known, tried := map[string]map[string]fs.FileInfo{}, map[string]time.Time{}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		var held map[string]heal.Stamp
		if !s.loop.Ask(ctx, func(c *engine.Core) { held = c.Held() }) {
			return
		}
		for name := range known {
			if _, still := held[name]; !still {
				delete(known, name)
			}
		}
		for name, since := range held {
			if time.Since(tried[name]) < againAfter {
				continue
			}
			if what := s.changedSince(known, name, since.Wall); what != "" {
				delete(known, name)
				tried[name] = time.Now()
				s.loop.Post(ctx, engine.Changed{Agent: name, What: what})
			}
		}
	}
}

// changedSince names a file of an agent that has changed since it was held; empty for none.
// The policy file counts only at first sight: later changes of it need a reload.
func (s *sidecar) changedSince(known map[string]map[string]fs.FileInfo, name string, since time.Time) string {
	agent, ok := s.policyOf(name)
	if !ok {
		return ""
	}
	paths, before := startedWith(agent), known[name]
	if before == nil {
		paths = append(paths, policyFiles(s.options.Config)...)
	}
	now := map[string]fs.FileInfo{}
	for _, path := range paths {
		now[path], _ = os.Stat(path)
	}
	known[name] = now
	for _, path := range paths {
		was, is := before[path], now[path]
		switch {
		case is == nil, was != nil && is.IsDir(): // what others keep in a folder is no change of it
		case before == nil && !is.IsDir() && is.ModTime().After(since):
			return path
		case before != nil && (was == nil || !os.SameFile(was, is) || was.Size() != is.Size() || !was.ModTime().Equal(is.ModTime())):
			return path
		}
	}
	return ""
}

// policyFiles are the files that a policy was read from.
func policyFiles(path string) []string {
	if path == "" {
		return nil
	}
	inside, _ := filepath.Glob(filepath.Join(path, "*.hcl"))
	return append(inside, path)
}

// startedWith are the files that an agent is started with: its program, and what its
// arguments and its environment name.
func startedWith(a config.Agent) []string {
	if len(a.Command) == 0 {
		return nil
	}
	var paths []string
	if program, err := compile.FindProgram(a); err == nil {
		paths = append(paths, program)
	} else if strings.Contains(a.Command[0], "/") {
		paths = append(paths, config.Under(a.Dir, a.Command[0]))
	}
	for _, word := range a.Command[1:] {
		paths = append(paths, named(a.Dir, word)...)
	}
	for _, value := range a.Env {
		if strings.Contains(value, "/") && !strings.Contains(value, ":") {
			paths = append(paths, named(a.Dir, value)...)
		}
	}
	return append(paths, a.EnvFiles...)
}

// maxWord is the longest argument that may be a path.
const maxWord = 4096

// named is the path that an argument may name, alone or behind "=".
func named(dir, word string) []string {
	if _, value, found := strings.Cut(word, "="); found && strings.HasPrefix(word, "-") {
		word = value
	}
	if word == "" || len(word) > maxWord || strings.HasPrefix(word, "-") || strings.ContainsAny(word, "\n\x00") {
		return nil
	}
	return []string{config.Under(dir, word)}
}
