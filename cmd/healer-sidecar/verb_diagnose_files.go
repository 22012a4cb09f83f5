package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"healer-sidecar/internal/app"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

// verdict is one line of `diagnose --corpus`.
type verdict struct {
	ID         string         `json:"id"`
	Type       heal.ErrorType `json:"type"`
	Confidence float64        `json:"confidence"`
	// Group is the fingerprint, with --fingerprints.
	Group string `json:"fingerprint,omitempty"`
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
	c, err := diagnose.New(nil)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(std.out)
	enc := json.NewEncoder(w)
	err = corpus.Read(file, func(r corpus.Record) error {
		d := c.Diagnose(r.Exit(), r.Lines, time.Now())
		v := verdict{ID: r.ID, Type: d.Type, Confidence: d.Confidence}
		if fingerprints {
			v.Group = d.Fingerprint
		}
		return enc.Encode(v)
	})
	if err != nil {
		return badInput{err, "each line must be one JSON object with id, lines, exit_code, signal and oom_killed"}
	}
	return w.Flush()
}

func diagnoseReadings(std streams, path string) error {
	file, err := open(path, "readings", "name a JSON-lines file")
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(std.out)
	enc := json.NewEncoder(w)
	if err := app.Foresee(file, func(f app.Foresight) error { return enc.Encode(f) }); err != nil {
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
	walk, err := app.Follow(file)
	if err != nil {
		return badInput{fmt.Errorf("%s: %w", path, err), `each line must be a line of output, or one JSON object like {"tool": "read", "args": "a.go", "observation": "...", "error": false, "progress": 3}`}
	}
	return json.NewEncoder(std.out).Encode(walk)
}
