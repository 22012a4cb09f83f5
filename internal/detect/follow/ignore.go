package follow

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Selection says which files below a folder are worth a restart when they change. Paths are relative to
// the folder. The zero value leaves out what is usually made and not written.
type Selection struct {
	watch, ignore []rule
}

// rule is one line of a .gitignore, or one pattern of a person.
type rule struct {
	expr *regexp.Regexp
	// keep takes back what an earlier rule has left out, folder says that it is for folders only.
	keep, folder bool
}

// Select makes a selection from patterns as in .gitignore: with watch only files that match one of these,
// without those that match one of ignore.
func Select(watch, ignore []string) (Selection, error) {
	var s Selection
	for _, list := range []struct {
		patterns []string
		into     *[]rule
	}{{watch, &s.watch}, {ignore, &s.ignore}} {
		for _, pattern := range list.patterns {
			r, ok := parseRule("", pattern)
			if !ok {
				return s, fmt.Errorf("invalid pattern %q", pattern)
			}
			*list.into = append(*list.into, r)
		}
	}
	return s, nil
}

// mostIgnored bounds how much of a .gitignore is read.
const mostIgnored = 256 << 10

// Chosen reports that a person has named the files that count.
func (s *Selection) Chosen() bool { return len(s.watch) > 0 }

// git adds the rules of the .gitignore in a folder, if there is one; below is where that is.
func (s *Selection) git(root, below string) {
	f, err := os.Open(filepath.Join(root, below, ".gitignore"))
	if err != nil {
		return
	}
	defer f.Close()
	text := make([]byte, mostIgnored)
	n, _ := f.Read(text)
	for line := range strings.Lines(string(text[:n])) {
		if r, ok := parseRule(filepath.ToSlash(below), strings.TrimRight(line, "\r\n")); ok {
			s.ignore = append(s.ignore, r)
		}
	}
}

// parseRule reads a line (gitignore(5)). It reports false for one that says nothing.
func parseRule(below, line string) (rule, bool) {
	var r rule
	if line = strings.TrimRight(line, " \t"); line == "" || line[0] == '#' {
		return r, false
	}
	if r.keep = line[0] == '!'; r.keep {
		line = line[1:]
	}
	line, r.folder = strings.CutSuffix(line, "/")
	prefix := "(?:.*/)?"
	if strings.Contains(line, "/") { // it names a place
		prefix, line = "", strings.TrimPrefix(line, "/")
	}
	if below != "" && below != "." {
		prefix = regexp.QuoteMeta(below) + "/" + prefix
	}
	expr, err := regexp.Compile("^" + prefix + globExpr(line) + "$")
	r.expr = expr
	return r, err == nil && line != ""
}

// globExpr is a pattern with wildcards as an expression.
func globExpr(glob string) string {
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		rest := glob[i:]
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 2
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			i++
		case rest[0] == '*':
			b.WriteString("[^/]*")
		case rest[0] == '?':
			b.WriteString("[^/]")
		case rest[0] == '[' && strings.Contains(rest, "]"):
			end := strings.IndexByte(rest, ']')
			b.WriteString(strings.Replace(rest[:end+1], "[!", "[^", 1))
			i += end
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			i++
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
	}
	return b.String()
}

// leavesOut reports that a path, or a folder above it, is left out.
func (s *Selection) leavesOut(path string, isFolder bool) bool {
	parts := strings.Split(filepath.ToSlash(path), "/")
	for i := range parts {
		part, folder := strings.Join(parts[:i+1], "/"), isFolder || i < len(parts)-1
		out := false
		for _, r := range s.ignore { // the last rule that matches decides
			if r.expr.MatchString(part) && (folder || !r.folder) {
				out = !r.keep
			}
		}
		if out {
			return true
		}
	}
	return false
}

// wants reports that a change of a file, or a folder that is new, counts. What a person names counts also
// where it is usually made.
func (s *Selection) wants(path string, isFolder bool) bool {
	switch {
	case s.leavesOut(path, isFolder):
		return false
	case len(s.watch) == 0:
		return !ignored(path)
	}
	slash := filepath.ToSlash(path)
	return slices.ContainsFunc(s.watch, func(r rule) bool { return r.expr.MatchString(slash) })
}
