package launch

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// wrapper is a program that only runs another one. Valued are its options that take the next
// word, words is how many words come before the command.
type wrapper struct {
	valued []string
	words  int
}

// wrappers by name. Every one of them may have assignments before the command.
var wrappers = map[string]wrapper{
	"env": {[]string{"-u", "--unset", "-C", "--chdir"}, 0}, "nohup": {}, "setsid": {}, "exec": {}, "command": {}, "time": {[]string{"-o", "-f"}, 0},
	"nice": {[]string{"-n", "--adjustment"}, 0}, "ionice": {[]string{"-c", "-n", "--class", "--classdata"}, 0},
	"timeout": {[]string{"-s", "-k", "--signal", "--kill-after"}, 1}, "stdbuf": {[]string{"-i", "-o", "-e"}, 0}, "unbuffer": {},
	"sudo": {[]string{"-u", "-g", "-C", "-D", "-h", "-p"}, 0}, "doas": {[]string{"-u", "-C"}, 0},
	"taskset": {words: 1}, "chrt": {words: 1}, "numactl": {}, "dumb-init": {}, "tini": {}, "catchsegv": {}, "xvfb-run": {}, "chronic": {},
	"npx": {[]string{"-p", "--package"}, 0}, "bunx": {}, "uvx": {[]string{"--from", "--with", "-p", "--python"}, 0},
}

// runners run what the word after a subcommand names.
var runners = map[string][]string{
	"uv": {"run"}, "poetry": {"run"}, "pipx": {"run"}, "pipenv": {"run"}, "hatch": {"run"}, "rye": {"run"}, "pdm": {"run"},
	"npm": {"exec", "x"}, "pnpm": {"exec", "dlx"}, "yarn": {"exec", "dlx"}, "bundle": {"exec"}, "mise": {"exec", "x"}, "direnv": {"exec"},
}

// interpreter is a program that runs a script. Modules are options whose word names what is
// run, code those whose word is the program itself, valued those that take the next word.
type interpreter struct{ modules, code, valued, subcommands []string }

var interpreters = map[string]interpreter{
	"python": {modules: []string{"-m"}, code: []string{"-c"}, valued: []string{"-W", "-X", "-Q"}},
	"pypy":   {modules: []string{"-m"}, code: []string{"-c"}, valued: []string{"-W", "-X"}},
	"node":   {code: []string{"-e", "--eval", "-p", "--print"}, valued: []string{"-r", "--require", "--import", "--loader", "-C", "--conditions"}},
	"tsx":    {}, "ts-node": {valued: []string{"-P", "--project"}},
	"deno": {valued: []string{"-c", "--config"}, subcommands: []string{"run"}}, "bun": {subcommands: []string{"run"}},
	"go": {subcommands: []string{"run"}}, "ruby": {code: []string{"-e"}, valued: []string{"-I", "-r"}},
	"perl": {code: []string{"-e", "-E"}, valued: []string{"-I"}}, "php": {modules: []string{"-f"}, code: []string{"-r"}, valued: []string{"-c", "-d"}},
	"java": {modules: []string{"-jar", "-m", "--module"}, valued: []string{"-cp", "-classpath", "--class-path", "-p", "--module-path"}}, "Rscript": {code: []string{"-e"}},
}

// shells run a script, or the text behind -c.
var shells = []string{"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox"}

// scriptEndings tell in which language a script is written, not which one it is.
var scriptEndings = []string{".py", ".sh", ".bash", ".zsh", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".pl", ".php", ".jar", ".go", ".R"}

// mostNested bounds how many programs may run one another.
const mostNested = 8

// NameOf is what a person would call the agent that a command runs: not the shell, the
// interpreter or the wrapper that it is started with.
func NameOf(command []string) string {
	words, called := command, ""
	for range mostNested {
		words = withoutAssignments(words)
		if len(words) == 0 {
			break
		}
		base := filepath.Base(words[0])
		called = base
		next, name := inner(base, words[1:])
		if name != "" {
			return CleanName(name)
		}
		if len(next) == 0 {
			break
		}
		words = next
	}
	return CleanName(called)
}

// inner is the command that another one runs, or the name of what it runs.
func inner(base string, words []string) (next []string, name string) {
	if w, ok := wrappers[base]; ok {
		rest := withoutAssignments(afterOptions(words, w.valued))
		return withoutAssignments(rest[min(w.words, len(rest)):]), ""
	}
	if subs, ok := runners[base]; ok && len(words) > 0 && slices.Contains(subs, words[0]) {
		return afterOptions(words[1:], []string{"--with", "--from", "--package", "-p"}), ""
	}
	if slices.Contains(shells, base) {
		return shellRuns(words)
	}
	if i, ok := interpreters[strings.TrimRight(base, "0123456789.")]; ok {
		return nil, i.runs(words)
	}
	return nil, ""
}

// runs is what an interpreter runs; empty when that has no name.
func (i interpreter) runs(words []string) string {
	if len(words) > 0 && slices.Contains(i.subcommands, words[0]) {
		words = words[1:]
	}
	for n := 0; n < len(words); n++ {
		switch word := words[n]; {
		case slices.Contains(i.code, word):
			return ""
		case slices.Contains(i.modules, word) && n+1 < len(words):
			return filepath.Base(words[n+1])
		case slices.Contains(i.valued, word):
			n++
		case word == "-":
			return ""
		case !strings.HasPrefix(word, "-"):
			return filepath.Base(word)
		}
	}
	return ""
}

// shellRuns is what a shell runs: a script, or the first program of the text behind -c.
func shellRuns(words []string) (next []string, name string) {
	for n, word := range words {
		switch {
		case strings.HasPrefix(word, "-") && strings.Contains(word, "c") && !strings.HasPrefix(word, "--") && n+1 < len(words):
			return firstProgram(words[n+1]), ""
		case strings.HasPrefix(word, "-") || strings.HasPrefix(word, "+"):
		default:
			return nil, filepath.Base(word)
		}
	}
	return nil, ""
}

// keywords come before a command of a shell, preparing are commands before the one that matters.
var (
	keywords  = []string{"if", "then", "else", "elif", "while", "until", "do", "!", "fi", "done", "esac", "{", "}"}
	preparing = []string{
		"cd", "export", "set", "source", ".", "ulimit", "umask", "trap", "echo", "printf", "mkdir", "rm", "touch", "true", "false", ":", "test", "[", "[[",
		"sleep", "for", "case", "unset", "eval", "exit", "return", "wait", "read", "kill", "type", "local", "shift", "pwd", "break", "continue",
	}
)

// firstProgram is the first command of a text for a shell that does more than to prepare.
func firstProgram(text string) []string {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";&|\n(){}", r) }) {
		words := strings.Fields(part)
		for len(words) > 0 && slices.Contains(keywords, words[0]) {
			words = words[1:]
		}
		words = withoutAssignments(words)
		isProgram := len(words) > 0 && strings.ContainsFunc(words[0], unicode.IsLetter) && !strings.ContainsAny(words[0], "$`\"'<>=*")
		if isProgram && !slices.Contains(preparing, words[0]) {
			return words
		}
	}
	return nil
}

// withoutAssignments drops NAME=VALUE words before a command.
func withoutAssignments(words []string) []string {
	for len(words) > 0 {
		name, _, found := strings.Cut(words[0], "=")
		if !found || name == "" || strings.ContainsAny(name, "/-. ") {
			break
		}
		words = words[1:]
	}
	return words
}

// afterOptions drops options, with the next word of those that take one.
func afterOptions(words, valued []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		option := words[0]
		words = words[1:]
		switch {
		case option == "--":
			return words
		case slices.Contains(valued, option) && len(words) > 0:
			words = words[1:]
		}
	}
	return words
}

// maxName bounds a name that is made of a command.
const maxName = 32

// CleanName makes a valid name of a word.
func CleanName(word string) string {
	if end := filepath.Ext(word); slices.Contains(scriptEndings, end) {
		word = strings.TrimSuffix(word, end)
	}
	word, _, _ = strings.Cut(word, "@") // a version
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, word)
	if name = strings.Trim(name[:min(len(name), maxName)], "-._"); name == "" {
		return "agent"
	}
	return name
}

// PolicyName is what the state of a policy file is called.
func PolicyName(path string) string {
	return CleanName(strings.TrimSuffix(filepath.Base(path), ".hcl"))
}
