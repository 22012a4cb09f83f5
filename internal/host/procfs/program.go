package procfs

import (
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// carriers run another program, which their arguments name.
var carriers = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(?:ba|da|z|k|fi)?sh|env|nice|nohup|setsid|stdbuf|timeout|time|sudo|exec|xvfb-run|tini|dumb-init|` +
		`python[\d.]*|pypy[\d.]*|uv|uvx|pipx|poetry|node|nodejs|npm|npx|pnpm|yarn|bun|deno|tsx|ts-node|ruby[\d.]*|bundle|perl[\d.]*|php[\d.]*|java|mono|dotnet|run|start)$`)
})

// maxWords bounds how much of a command line is looked at.
const maxWords = 64

// Program names what a command runs: its first word that is no option, no variable, and nothing
// that only runs something else, as a shell or an interpreter does. It is empty where there is
// none. Two processes with the same name run the same program.
func Program(argv []string) string {
	words := strings.Fields(strings.Join(argv, " "))
	for _, word := range words[:min(len(words), maxWords)] {
		word = strings.Trim(word, `"';&()`)
		base := filepath.Base(word)
		switch {
		case word == "" || strings.HasPrefix(word, "-") || strings.ContainsAny(word, "=<>|"):
		case carriers().MatchString(base) || strings.Trim(base, "0123456789.smh") == "":
		default:
			return strings.TrimSuffix(base, ":") // as a program that titles itself does
		}
	}
	if len(argv) > 0 && len(words) > 0 {
		return filepath.Base(words[0])
	}
	return ""
}
