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

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
	"healer-sidecar/testlab"
)

const (
	// logSize is how much text is searched.
	logSize = 64 << 20
)

// The literals that both sides search for are made of what may fail and how: two hundred.
var (
	subjects = strings.Fields("checkout ledger mailer planner crawler indexer gateway scheduler embedder billing tokenizer retriever uploader encoder resolver dispatcher archiver renderer notifier importer")
	failures = []string{"rejected the batch", "lost its lease", "gave up", "was poisoned", "refuses to go on", "cannot be trusted", "went silent", "overflowed", "is wedged", "must be looked at"}
)

// mixed are literals as an operator writes them, alike are such as begin all in the same way:
// the best case of grep, which skips by it.
func mixed() (words []string) {
	for _, s := range subjects {
		for _, f := range failures {
			words = append(words, s+" "+f)
		}
	}
	return words
}

func alike() (words []string) {
	for i := range len(subjects) * len(failures) {
		words = append(words, fmt.Sprintf("needle%03d", i))
	}
	return words
}

// classifying compares the classifier with grep, over the same benign lines and the
// same literals.
func classifying(l *testlab.Lab) error {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	text := benignLines()
	if err := compete(l, "built-in rules and 200 own", mixed(), text); err != nil {
		return err
	}
	if err := compete(l, "200 that begin alike", alike(), text); err != nil {
		return err
	}
	if err := compete(l, "which hold words of rules", mixed(), agentLines()); err != nil {
		return err
	}
	if err := compete(l, "of which a few come again and again", mixed(), sameLines()); err != nil {
		return err
	}
	c, err := own(alike())
	if err != nil {
		return err
	}
	return matching(c, text)
}

// sameLines are lines that hold words of rules and differ in nothing but their numbers.
func sameLines() []byte {
	var text bytes.Buffer
	for i := 0; text.Len() < logSize; i++ {
		line := fmt.Sprintf("INFO step %d finished ok tool=search latency_ms=%d tokens=%d session=alpha nothing unusual to report", i, i%97, i%811)
		fmt.Fprintf(&text, "%-119s\n", line)
	}
	return text.Bytes()
}

// own is a classifier with rules of the operator for words.
func own(words []string) (*classify.Classifier, error) {
	var all []rules.Rule
	for _, word := range words {
		all = append(all, rules.Rule{Name: word, Type: "unknown", Strength: 1, Expr: "(?i)" + word, Operator: true})
	}
	return classify.New(all)
}

// compete lets the classifier, grep and ripgrep search the same text for the same words, in
// turns.
func compete(l *testlab.Lab, title string, words []string, text []byte) error {
	c, err := own(words)
	if err != nil {
		return err
	}
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
	what := "benign lines of 120 bytes, " + title
	row(what, speed(best), speed(grep), ratio(grep, best), "one core; baseline: grep -F -i -f; wanted 1.2")
	if rg > 0 {
		row(what, speed(best), speed(rg), ratio(rg, best), "one core; baseline: rg -F -i -f; wanted 2.5")
	}
	return nil
}

// matching measures text of which one line in a hundred tells of a failure.
func matching(c *classify.Classifier, text []byte) error {
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
func blocks(c *classify.Classifier, text []byte, want int) error {
	var scratch classify.Scratch
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

// agentLines are such as agents print when all is well; of four, three hold words that rules
// look for: what they cost is what it takes to see that nothing else of a failure is there.
func agentLines() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < logSize; i++ {
		n := uint32(i) * 2654435761
		for _, line := range []string{
			fmt.Sprintf("2026-11-24 12:%02d:%02d,%03d - agent.planner - INFO - step %d of 90 done: tool=search latency_ms=%d tokens=%d cost=0.0%d", i/60%60, i%60, i%1000, i%90, n%900, n%4000, n%97),
			fmt.Sprintf(`{"time":"2026-11-24T12:%02d:%02dZ","level":"info","msg":"embedded a chunk","id":"%08x","model":"small","ms":%d}`, i/60%60, i%60, n, n%90),
			fmt.Sprintf("2026-11-24 12:%02d:%02d status half-configured libfoo%d:amd64 1.%d.%d-%d", i/60%60, i%60, n%40, n%7, n%11, n%5),
			fmt.Sprintf("10.0.0.%d - - [24/Nov/2026:12:%02d:%02d +0000] \"GET /v1/models/%x HTTP/1.1\" 200 %d \"-\" \"curl/8.1\"", n%250, i/60%60, i%60, n, n%9000),
		} {
			b.WriteString((line + strings.Repeat(" .", 60))[:119] + "\n")
		}
	}
	return b.Bytes()
}

func always(bool) bool { return true }
