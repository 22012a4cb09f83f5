package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/classify/linear"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// scored are the corpora of real programs, whose records are scored by models that have seen
// nothing of the same program. The rules know first and own, so that second tells most.
var scored = []string{"first", "second", "own"}

// noon is a moment for lines that name one.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// crossValidate prints what the classifier scores with models that have not seen the program.
func crossValidate(all []*sample) error {
	c, err := classify.New(nil)
	if err != nil {
		return err
	}
	streams, err := corpus.Streams(filepath.Join("corpus", "streams"))
	if err != nil {
		return err
	}
	scores := map[string]*corpus.Score{}
	for _, name := range scored {
		scores[name] = corpus.NewScore()
	}
	var healthy corpus.Healthy
	for fold := range folds {
		var rest []*sample
		for _, s := range all {
			if s.from == wordings || foldOf(s.group) != fold {
				rest = append(rest, s)
			}
		}
		model, err := linear.Decode(string(train(rest)))
		if err != nil {
			return err
		}
		judge := c.With(model)
		for _, s := range all {
			if score := scores[s.from]; score != nil && foldOf(s.group) == fold {
				score.Add(s.record, diagnose.Judge(judge.Evidence(s.record.Exit(), s.record.Lines, noon), diagnose.Context{}))
			}
		}
		for _, s := range streams {
			if foldOf(s.Program()) == fold {
				healthy.Add(s, signals(judge, s))
			}
		}
	}
	fmt.Printf("whole programs held out, %d parts:\n", folds)
	for _, name := range scored {
		fmt.Printf("%-8s", name)
		scores[name].PrintShort(os.Stdout)
	}
	healthy.Print(os.Stdout)
	if *verbose {
		for _, name := range scored {
			fmt.Println(strings.Join(scores[name].Misses, "\n"))
		}
		fmt.Println(strings.Join(healthy.Called, "\n"))
	}
	return nil
}

// signals are the lines of a healthy stream that are taken for a failure.
func signals(c *classify.Classifier, s corpus.Stream) []string {
	var scratch classify.Scratch
	var lines []string
	always := func(bool) bool { return true }
	c.Block([]byte(s.Text()), &scratch, always, func(line []byte, m heal.Match) {
		lines = append(lines, fmt.Sprintf("%s: %s", m.Rule, line))
	})
	return lines
}
