package engine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata with what the core does now")

// TestScripts feeds the core what a script says and compares the effects with the
// transcript. A block is commands, a line of dashes, and what they bring about.
func TestScripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := play(t, string(b))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(b) {
				t.Errorf("the transcript changed; run go test ./internal/engine -update and look at the difference\n%s", firstDifference(got, string(b)))
			}
		})
	}
}

const dashes = "----\n"

// play runs all blocks of a script on one core and returns the script with the
// effects that came about.
func play(t *testing.T, script string) (string, *world) {
	t.Helper()
	w := newWorld(t)
	var out strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(script), "\n\n") {
		commands, _, _ := strings.Cut(block+"\n", dashes)
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		out.WriteString(commands)
		if onlyComments(commands) {
			continue
		}
		out.WriteString(dashes)
		for line := range strings.Lines(commands) {
			out.WriteString(w.command(strings.TrimSpace(line)))
		}
	}
	return out.String(), w
}

func onlyComments(commands string) bool {
	for line := range strings.Lines(commands) {
		if !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, g[i], strings.Join(w[min(i, len(w)):min(i+1, len(w))], ""))
		}
	}
	return fmt.Sprintf("%d lines more were wanted", len(w)-len(g))
}
