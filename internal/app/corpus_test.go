package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/engine/diagnose"
)

// bar is what the built-in rules must reach on a labelled corpus.
type bar struct{ leastMacroF1, mostFalseAlarms float64 }

var usualBar = bar{0.85, 0.01}

func TestCorpusScore(t *testing.T) {
	path := os.Getenv("HEALER_CORPUS")
	if path == "" {
		t.Skip("HEALER_CORPUS names no corpus; run: make eval")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join("..", "..", path)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no labelled corpus here: %v", err)
	}
	scoreCorpus(t, path, usualBar)
}

// TestOwnCorpusScore uses what `make corpus` recorded.
func TestOwnCorpusScore(t *testing.T) {
	scoreCorpus(t, filepath.Join("..", "..", "corpus", "own.jsonl"), usualBar)
}

// TestWordingsScore uses messages that were written by hand, as programs of many kinds word
// them. The rules know them: the score tells what a change of the rules loses.
func TestWordingsScore(t *testing.T) {
	scoreCorpus(t, filepath.Join("..", "..", "corpus", "wordings.jsonl"), bar{0.91, 0.02})
}

func scoreCorpus(t *testing.T, path string, want bar) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := diagnose.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	score := corpus.NewScore()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	err = corpus.Read(f, func(r corpus.Record) error {
		score.Add(r, c.Diagnose(r.Exit(), r.Lines, now).Type)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	score.Print(testWriter{t})
	if got := score.MacroF1(); got < want.leastMacroF1 {
		t.Errorf("macro-F1 is %.3f: at least %.2f is wanted", got, want.leastMacroF1)
	}
	if got := score.FalseAlarms(); got > want.mostFalseAlarms {
		t.Errorf("false alarms are %.4f: at most %.2f is wanted", got, want.mostFalseAlarms)
	}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(string(b[:len(b)-1]))
	return len(b), nil
}
