package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// streamLines and streamWidth bound what is kept of a healthy stream.
	streamLines, streamWidth = 240, 400
)

// recordStreams runs the healthy programs whose file and name hold a text, and writes what they print.
func recordStreams(only string) error {
	all, err := read("corpus/healthy")
	if err != nil {
		return err
	}
	helper, err := filepath.Abs("corpus/pg.sh")
	if err != nil {
		return fmt.Errorf("cannot find the helper: %w", err)
	}
	var failed []error
	for _, b := range all {
		_, name, _ := strings.Cut(b.source, ": ")
		if !strings.Contains(b.source, only) {
			continue
		}
		r, err := b.recordLines("", helper, 1<<20)
		if err != nil {
			return fmt.Errorf("cannot run %s: %w", name, err)
		}
		if r.Signal != "" || r.ExitCode == nil || *r.ExitCode != 0 {
			failed = append(failed, fmt.Errorf("cannot record %s: it did not end well: %s", name, strings.Join(r.Lines[max(len(r.Lines)-5, 0):], "\n")))
			continue
		}
		if err := os.WriteFile(filepath.Join("corpus/streams", name+".log"), []byte(bounded(r.Lines)), 0o644); err != nil {
			return fmt.Errorf("cannot write a healthy stream: %w", err)
		}
		fmt.Println(name, len(r.Lines))
	}
	return errors.Join(failed...)
}

// bounded is a text of the first lines that say something.
func bounded(lines []string) string {
	var out strings.Builder
	n := 0
	for _, line := range lines {
		if strings.TrimSpace(line) == "" || n == streamLines {
			continue
		}
		n++
		out.WriteString(strings.ToValidUTF8(line[:min(len(line), streamWidth)], "?") + "\n")
	}
	return out.String()
}
