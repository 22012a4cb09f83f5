// Package corpus reads labelled samples of process output and scores predictions
// against them. It serves `diagnose --corpus` and `make eval`.
package corpus

import (
	"bufio"
	"encoding/json"
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
	scan := bufio.NewScanner(in)
	scan.Buffer(make([]byte, 64<<10), maxRecord)
	for n := 1; scan.Scan(); n++ {
		if len(scan.Bytes()) == 0 {
			continue
		}
		var r Record
		if err := json.Unmarshal(scan.Bytes(), &r); err != nil {
			return fmt.Errorf("cannot read record on line %d: %w", n, err)
		}
		if err := each(r); err != nil {
			return err
		}
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("cannot read corpus: %w", err)
	}
	return nil
}
