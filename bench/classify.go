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
	"healer-sidecar/internal/heal"
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
	var best, grep, rg time.Duration
	log, patterns := filepath.Join(l.Dir, "log"), filepath.Join(l.Dir, "patterns")
	if err := errors.Join(os.WriteFile(log, text, 0o600), os.WriteFile(patterns, []byte(strings.Join(words, "\n")+"\n"), 0o600)); err != nil {
		return err
	}
	for range 3 {
		begun := time.Now()
		if err := blocks(c, text, 0); err != nil {
			return err
		}
		best = faster(best, time.Since(begun))
		took, err := search("grep", patterns, log)
		if err != nil {
			return err
		}
		grep = faster(grep, took)
		if took, err = search("rg", patterns, log); err == nil {
			rg = faster(rg, took)
		}
	}
	const what = "benign 120-byte lines, built-in rules and 200 own"
	row(what, speed(best), speed(grep), ratio(grep, best), "one core; baseline: grep -F -i -f; wanted 1.2")
	if rg > 0 {
		row(what, speed(best), speed(rg), ratio(rg, best), "one core; baseline: rg -F -i -f; wanted 2.5")
	}
	return matching(c, text)
}

// matching measures text of which one line in a hundred tells of a failure.
func matching(c *diagnose.Classifier, text []byte) error {
	n, want := 0, 0
	for line := range bytes.Lines(text) {
		if n++; n%100 == 0 {
			copy(line[30:], "ERROR needle042 ")
			want++
		}
	}
	var best time.Duration
	for range 3 {
		begun := time.Now()
		if err := blocks(c, text, want); err != nil {
			return err
		}
		best = faster(best, time.Since(begun))
	}
	row("the same with one matching line in a hundred", speed(best), "-", "", "one core; wanted 300 MB/s")
	return nil
}

func ratio(baseline, ours time.Duration) string {
	return fmt.Sprintf("%.2f", float64(baseline)/float64(ours))
}

// search lets a well-known program count the lines that hold a literal.
func search(program, patterns, log string) (time.Duration, error) {
	begun := time.Now()
	cmd := exec.Command(program, "-F", "-i", "-c", "-f", patterns, log)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	var none *exec.ExitError
	if errors.As(err, &none) && none.ExitCode() == 1 { // no line does
		err = nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return time.Since(begun), nil
}

// blockSize is what the sidecar reads at once.
const blockSize = 64 << 10

// blocks judges a text as the sidecar does, and counts what tells of a failure.
func blocks(c *diagnose.Classifier, text []byte, want int) error {
	var scratch diagnose.Scratch
	got := 0
	for len(text) > 0 {
		end := bytes.LastIndexByte(text[:min(blockSize, len(text))], '\n') + 1
		c.Block(text[:end], &scratch, always, func([]byte, heal.Match) { got++ })
		text = text[end:]
	}
	if got != want {
		return fmt.Errorf("%d lines tell of a failure: want %d", got, want)
	}
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

func always(bool) bool { return true }
