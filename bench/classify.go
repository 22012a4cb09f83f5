package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/testlab"
)

const (
	// logSize is how much text is searched.
	logSize = 64 << 20
	// literalCount is how many literals both sides search for.
	literalCount = 200
)

// classify compares the classifier with grep, over the same benign lines and the
// same literals.
func classify(l *testlab.Lab) error {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	var rules []diagnose.Rule
	var words []string
	for i := range literalCount {
		word := fmt.Sprintf("needle%03d", i)
		words = append(words, word)
		rules = append(rules, diagnose.Rule{Name: word, Type: "unknown", Strength: 1, Expr: "(?i)" + word, Operator: true})
	}
	c, err := diagnose.New(rules)
	if err != nil {
		return err
	}
	text := benignLines()
	var scratch diagnose.Scratch
	var best, grep time.Duration
	log, patterns := filepath.Join(l.Dir, "log"), filepath.Join(l.Dir, "patterns")
	if err := errors.Join(os.WriteFile(log, text, 0o600), os.WriteFile(patterns, []byte(strings.Join(words, "\n")+"\n"), 0o600)); err != nil {
		return err
	}
	for range 3 {
		begun := time.Now()
		for line := range bytes.Lines(text) {
			if _, ok := c.Line(line, &scratch); ok {
				return fmt.Errorf("a benign line matched: %s", line)
			}
		}
		best = faster(best, time.Since(begun))
		begun = time.Now()
		cmd := exec.Command("grep", "-F", "-i", "-c", "-f", patterns, log)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		if out, err := cmd.CombinedOutput(); err != nil && !bytes.Equal(bytes.TrimSpace(out), []byte("0")) {
			return fmt.Errorf("grep: %w: %s", err, out)
		}
		grep = faster(grep, time.Since(begun))
	}
	row("benign 120-byte lines, built-in rules and 200 own", speed(best), speed(grep), fmt.Sprintf("%.2f", float64(grep)/float64(best)), "per core; baseline: grep -F -i -f")
	return nil
}

func faster(a, b time.Duration) time.Duration {
	if a == 0 || b < a {
		return b
	}
	return a
}

func speed(d time.Duration) string {
	return fmt.Sprintf("%.0f MB/s", logSize/1e6/d.Seconds())
}

// benignLines are lines of 120 bytes as healthy programs print them.
func benignLines() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < logSize; i++ {
		head := fmt.Sprintf("2026-11-24T12:%02d:%02d.%03dZ INFO worker-%d handled request id=%08x path=/v1/items/%d in %d ms; ", i/60%60, i%60, i%1000, i%16, i*2654435761, i%9999, i%90)
		line := head + "the next one follows when the queue has it ready for us to take"
		b.WriteString(line[:119] + "\n")
	}
	return b.Bytes()
}
