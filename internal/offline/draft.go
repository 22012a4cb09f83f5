package offline

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"healer-sidecar/internal/host/inspect"
	"healer-sidecar/internal/host/sampling"
	"healer-sidecar/internal/launch"
	"healer-sidecar/internal/profiles"
)

// Draft is what is known of a program for which a policy is to be written.
type Draft struct {
	Name    string
	Command []string
	Dir     string
	// PID is that of a running one; 0 for one that was not looked at while it runs.
	PID int
	// Use is what it used when it was looked at.
	Use sampling.Usage
	// Profile fits the program; its name is empty where none does.
	Profile profiles.Profile
	// Listens are addresses on which it listens, State what it seems to keep its state in,
	// both relative to Dir where they lie below it.
	Listens, State []string
}

// Look finds out what can be seen of a command that would be run in a directory.
func Look(command []string, dir string) Draft {
	d := Draft{Name: launch.NameOf(command), Command: command, Dir: dir, Profile: profileOf(command)}
	d.State = stateIn(dir)
	return d
}

// LookAt finds out what can be seen of a running process and its tree.
func LookAt(pid int) (Draft, error) {
	peek, err := inspect.PeekAt(pid)
	if err != nil {
		return Draft{}, err
	}
	d := Look(peek.Command, peek.Dir)
	d.PID, d.Use, d.Listens = pid, peek.Use, peek.Listens
	for _, path := range peek.Written {
		if rel, err := filepath.Rel(peek.Dir, path); err == nil && !strings.HasPrefix(rel, "..") && !slices.Contains(d.State, rel) && !strings.HasSuffix(rel, ".log") {
			d.State = append(d.State, rel)
		}
	}
	return d, nil
}

// stateWords are names under which programs keep what they must not lose.
var stateWords = []string{"state", "checkpoint", "checkpoints", "data", "memory", "config.json", "config.yaml", "config.yml", "config.toml", "settings.json"}

// maxState bounds how much is proposed.
const maxState = 8

// stateIn lists what in a directory looks like state.
func stateIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		name := e.Name()
		ext := filepath.Ext(name)
		if len(found) < maxState && e.Type()&(fs.ModeSymlink|fs.ModeSocket|fs.ModeNamedPipe) == 0 && (slices.Contains(stateWords, name) || ext == ".db" || ext == ".sqlite" || ext == ".sqlite3") {
			found = append(found, name)
		}
	}
	return found
}

// Text is the policy, with the reason for each part.
func (d Draft) Text() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Written by healer-sidecar init. For the first day it only watches: shadow mode detects,")
	say("# diagnoses, decides and records, and does nothing. healer-sidecar stats --shadow shows what")
	say("# it would have done; then set shadow to false.")
	say("agent %s {", literal(d.Name))
	say("  command = %s", list(d.Command))
	say("  dir = %s", literal(d.Dir))
	d.limits(say)
	if d.Profile.Name != "" {
		d.fitted(say)
		return string(hclwrite.Format([]byte(b.String())))
	}
	if len(d.Listens) > 0 {
		say("\n  # It accepted connections on %s.", strings.Join(d.Listens, ", "))
		say("  detect \"probe_tcp\" \"port\" {\n    address = %s\n  }", literal(d.Listens[0]))
	}
	if len(d.State) > 0 {
		say("\n  # This looks like its state: good versions are kept while it is well, and put back when\n  # it fails of them. Take out what is no state.")
		say("  snapshot \"state\" {\n    paths = %s\n  }", list(d.State))
	}
	say("\n  # What it prints and what that means; these two are examples.")
	say("  # detect \"log\" \"stdout\" {\n  #   rule \"quota\" {\n  #     match = \"insufficient_quota\"\n  #     type = \"resource_exhaustion\"\n  #   }\n  # }")
	say("  # detect \"heartbeat\" {\n  #   missing_for = \"1m\"\n  # }")
	say("\n  heal {\n    shadow = true\n  }\n}")
	notifiers(say)
	return string(hclwrite.Format([]byte(b.String())))
}

func notifiers(say func(string, ...any)) {
	say("\n# Whom to notify when no remedy is left. Notices are always logged.")
	say("# notify \"ops\" {\n#   url = \"https://pager.example/notices\"\n# }")
}

// fitted writes what the profile of the program holds, instead of what was only guessed.
func (d Draft) fitted(say func(string, ...any)) {
	say("\n  # From the profile %q: %s.\n  # healer-sidecar init --list shows all; profile = %q in an agent block\n  # says the same in one line.", d.Profile.Name, d.Profile.Summary, d.Profile.Name)
	text, _ := profiles.Text(d.Profile.Name)
	say("%s}", strings.Replace(text, "  heal {\n", "  heal {\n    shadow = true\n", 1))
	notifiers(say)
}

// profileOf finds the profile of a command, by what it runs: not by its wrapper or interpreter. A script for Node
// has that of Node.
func profileOf(command []string) profiles.Profile {
	if p, ok := profiles.Of(launch.NameOf(command)); ok {
		return p
	}
	for _, word := range command[:min(len(command), 3)] {
		if filepath.Base(word) == "node" {
			p, _ := profiles.Of("node")
			return p
		}
	}
	return profiles.Profile{}
}

const (
	// room is how much more than was seen is granted, leastMemory and leastThreads the least.
	room                      = 2
	leastMemory, leastThreads = 256 << 20, 64
)

// limits grants room above what was seen.
func (d Draft) limits(say func(string, ...any)) {
	if d.PID == 0 || d.Use.Memory == nil {
		say("\n  # Not seen while it runs: healer-sidecar init --pid N proposes limits from its use.\n  # limits {\n  #   memory = \"2GiB\"\n  # }")
		return
	}
	memory := max(*d.Use.Memory*room, leastMemory)
	say("\n  # It held %.0f MiB when it was looked at; a leak is foretold before the limit is reached.", *d.Use.Memory/(1<<20))
	say("  limits {\n    memory = \"%dMiB\"\n  }", int(memory)>>20)
	if d.Use.Threads != nil {
		say("  # It had %.0f threads.", *d.Use.Threads)
		say("  detect \"threads\" {\n    above = %d\n  }", int(max(*d.Use.Threads*room, leastThreads)))
	}
}

// literal is a text as a policy writes it.
func literal(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}

func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = literal(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// Summary says what was seen, for the person who asked.
func (d Draft) Summary() string {
	parts := []string{strconv.Quote(strings.Join(d.Command, " "))}
	if d.PID > 0 {
		parts = append(parts, fmt.Sprintf("running as %d", d.PID))
	}
	if len(d.State) > 0 {
		parts = append(parts, "state in "+strings.Join(d.State, ", "))
	}
	if len(d.Listens) > 0 {
		parts = append(parts, "listens on "+strings.Join(d.Listens, ", "))
	}
	return strings.Join(parts, "; ")
}
