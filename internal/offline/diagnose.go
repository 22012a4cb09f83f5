package offline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/engine/plan"
	"healer-sidecar/internal/heal"
)

const (
	// lastLines is how many of the last lines are looked at, lineWidth how much of each.
	lastLines, lineWidth = 120, 4096
)

// Judgement is what the product makes of a saved log or a dead run.
type Judgement struct {
	Diagnosis heal.Diagnosis `json:"diagnosis"`
	// Plan is what it would do under the default policy; nil for no failure.
	Plan *heal.Plan `json:"plan,omitempty"`
}

// Diagnose judges how a run ended, nil for one that lives, and its last lines with the product's own classifier and planner, under
// the default policy and without any experience.
func Diagnose(exit *heal.Exit, lines []string, now time.Time) (Judgement, error) {
	c, err := classify.New(nil)
	if err != nil {
		return Judgement{}, err
	}
	j := Judgement{Diagnosis: diagnose.Judge(c.Evidence(exit, lines, now), diagnose.Context{})}
	if j.Diagnosis.Type == heal.Benign {
		return j, nil
	}
	p, _ := plan.Make(plan.Input{
		Incident: "offline", Policy: heal.DefaultPolicy("offline"), Diag: j.Diagnosis, Book: &ledger.New().Learned,
		Tried: map[heal.Strategy]int{}, Basis: heal.Basis{Running: exit == nil, TextOnly: exit == nil},
	})
	j.Plan = &p
	return j, nil
}

// LastLines returns the last lines of a log. Whatever the log holds, memory stays
// bounded: a line is cut at lineWidth bytes and the rest of it is skipped.
func LastLines(in io.Reader) ([]string, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	var lines []string
	for {
		line, err := cutLine(r)
		if len(line) > 0 || err == nil {
			lines = append(lines, string(line))
		}
		if len(lines) > 2*lastLines {
			lines = append(lines[:0], lines[len(lines)-lastLines:]...)
		}
		if errors.Is(err, io.EOF) {
			return lines[max(len(lines)-lastLines, 0):], nil
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read log: %w", err)
		}
	}
}

func cutLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if room := lineWidth - len(line); room > 0 {
			line = append(line, part[:min(room, len(part))]...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if n := len(line); n > 0 && line[n-1] == '\n' {
			line = line[:n-1]
		}
		return line, err
	}
}
