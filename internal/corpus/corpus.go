// Package corpus reads labelled samples of process output and scores predictions
// against them. It serves `diagnose --corpus` and `make eval`.
package corpus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"healer-sidecar/internal/heal"
)

// Record is one sample: the last lines of a program and how it ended.
type Record struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	// Component is the program, where samples of several are mixed.
	Component string           `json:"component"`
	Lines     []string         `json:"lines"`
	ExitCode  *int             `json:"exit_code"`
	Signal    string           `json:"signal"`
	OOMKilled bool             `json:"oom_killed"`
	Expect    heal.ErrorType   `json:"expect"`
	AlsoOK    []heal.ErrorType `json:"also_ok"`
}

// maxRecord bounds one line of a corpus file.
const maxRecord = 8 << 20

// Exit is how the sample ended; nil for one that was still running.
func (r Record) Exit() *heal.Exit {
	if r.ExitCode == nil && r.Signal == "" && !r.OOMKilled {
		return nil
	}
	e := &heal.Exit{Signal: r.Signal, OOM: r.OOMKilled}
	if r.ExitCode != nil {
		e.Code = *r.ExitCode
	}
	return e
}

// Read calls each for every record; an unreadable line is an error that names it.
func Read(in io.Reader, each func(Record) error) error {
	return Lines(in, maxRecord, func(n int, line []byte) error {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("cannot read record on line %d: %w", n, err)
		}
		return each(r)
	})
}

// Lines calls each for the lines of a file that are not empty, with their number. A line
// longer than most bytes is an error.
func Lines(in io.Reader, most int, each func(n int, line []byte) error) error {
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, most)
	n := 0
	for scan.Scan() {
		n++
		line := bytes.TrimSpace(scan.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := each(n, line); err != nil {
			return err
		}
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("cannot read line %d: it is longer than %d bytes", n+1, most)
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("cannot read line %d: %w", n+1, err)
	}
	return nil
}
