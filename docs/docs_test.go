// Package docs_test keeps the documents true: every policy in them is valid, and
// every console example prints what it says.
package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "healer-docs")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bin = dir
	out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "healer-sidecar"), "../cmd/healer-sidecar").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```")

// snippets returns the fenced blocks of one language, by the place where they stand.
func snippets(t *testing.T, language string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, path := range append(paths, "../README.md", "../CONTRIBUTING.md") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range fence.FindAllStringSubmatch(string(b), -1) {
			if m[1] == language {
				all[fmt.Sprintf("%s %d", filepath.Base(path), i+1)] = m[2]
			}
		}
	}
	if len(all) == 0 {
		t.Fatalf("no %s snippet was found", language)
	}
	return all
}

func command(dir, line string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "XDG_STATE_HOME="+dir)
	return cmd
}

// standIns is a folder with the programs that the pages name and a machine may lack.
func standIns(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"claude", "codex", "gemini"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPoliciesAreValid(t *testing.T) {
	for place, text := range snippets(t, "hcl") {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "p.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		validate := command(dir, "healer-sidecar validate p.hcl")
		validate.Env = append(validate.Env, "PATH="+standIns(t)+":"+bin+":"+os.Getenv("PATH"))
		if out, err := validate.CombinedOutput(); err != nil {
			t.Errorf("%s: %s", place, out)
		}
	}
}

// TestConsoles runs every line behind a dollar sign and looks for the lines below
// it, in their order; "..." stands for any lines.
func TestConsoles(t *testing.T) {
	for place, text := range snippets(t, "console") {
		dir := t.TempDir()
		var printed string
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			if cmd, ok := strings.CutPrefix(line, "$ "); ok {
				out, _ := command(dir, cmd).CombinedOutput()
				printed = string(out)
				continue
			}
			if line == "..." {
				continue
			}
			_, rest, found := strings.Cut(printed, line)
			if !found {
				t.Fatalf("%s: %q is not printed, or not in its place:\n%s", place, line, printed)
			}
			printed = rest
		}
	}
}
