package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/engine/mine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/offline"
)

// verdict is one line of `diagnose --corpus`.
type verdict struct {
	ID         string         `json:"id"`
	Type       heal.ErrorType `json:"type"`
	Confidence float64        `json:"confidence"`
	// Group is the fingerprint, with --fingerprints.
	Group    string `json:"fingerprint,omitempty"`
	Template string `json:"template,omitempty"`
}

// open opens a file that was named on the command line.
func open(path, what, hint string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, badInput{fmt.Errorf("cannot read %s: %w", what, err), hint}
	}
	return file, nil
}

func diagnoseCorpus(std streams, path string, fingerprints bool) error {
	file, err := open(path, "corpus", "name a JSON-lines file")
	if err != nil {
		return err
	}
	defer file.Close()
	c, err := classify.New(nil)
	if err != nil {
		return err
	}
	var all []sample
	var miner mine.Miner
	err = corpus.Read(file, func(r corpus.Record) error {
		s := sample{r.ID, r.Component, r.Exit(), diagnose.Judge(c.Evidence(r.Exit(), r.Lines, time.Now()), diagnose.Context{})}
		miner.General(s.scope, s.diag.Template)
		all = append(all, s)
		return nil
	})
	if err != nil {
		return badInput{err, "each line must be one JSON object with id, lines, exit_code, signal and oom_killed"}
	}
	w := bufio.NewWriter(std.out)
	enc := json.NewEncoder(w)
	for _, s := range all {
		v := verdict{ID: s.id, Type: s.diag.Type, Confidence: s.diag.Confidence}
		if fingerprints { // as they are known once all was seen
			diagnose.Generalise(&s.diag, miner.General(s.scope, s.diag.Template), s.exit)
			v.Group, v.Template = s.diag.Fingerprint, s.diag.Template
		}
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	return w.Flush()
}

// sample is one record of a corpus and what it was judged to be.
type sample struct {
	id, scope string
	exit      *heal.Exit
	diag      heal.Diagnosis
}

func diagnoseReadings(std streams, path string) error {
	file, err := open(path, "readings", "name a JSON-lines file")
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(std.out)
	enc := json.NewEncoder(w)
	if err := offline.Foresee(file, func(f offline.Foresight) error { return enc.Encode(f) }); err != nil {
		return badInput{fmt.Errorf("%s: %w", path, err), `each line must be one JSON object like {"time": 12.5, "metric": "memory", "value": 3e8, "limit": 1e9}`}
	}
	return w.Flush()
}

func diagnoseSteps(std streams, path string) error {
	file, err := open(path, "steps", "name a JSON-lines file")
	if err != nil {
		return err
	}
	defer file.Close()
	walk, err := offline.Follow(file)
	if err != nil {
		return badInput{fmt.Errorf("%s: %w", path, err), `each line must be a line of output, or one JSON object like {"tool": "read", "args": "a.go", "observation": "...", "error": false, "progress": 3}`}
	}
	return json.NewEncoder(std.out).Encode(walk)
}
