package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Timed is what a living program printed, and when.
type Timed struct {
	Name string
	// Failing says that it failed while it lived, and From since when; without it it was well.
	Failing bool
	From    time.Duration
	// Length is for how long it was watched: it printed nothing between its last line and then.
	Length time.Duration
	Lines  []TimedLine
}

// TimedLine is a line, and how long after the start it was printed.
type TimedLine struct {
	At   time.Duration
	Text string
}

// header is the first line of a recording: the length, and when the failure began or a dash.
const header = "# watched %s failing %s\n"

// Write keeps the recording in a folder, under its name.
func (t Timed) Write(dir string) error {
	from := "-"
	if t.Failing {
		from = t.From.String()
	}
	var out strings.Builder
	fmt.Fprintf(&out, header, t.Length, from)
	for _, l := range t.Lines {
		fmt.Fprintf(&out, "%.3f\t%s\n", l.At.Seconds(), l.Text)
	}
	if err := os.WriteFile(filepath.Join(dir, t.Name+".log"), []byte(out.String()), 0o644); err != nil {
		return fmt.Errorf("cannot write a recording: %w", err)
	}
	return nil
}

// ReadTimed reads the recordings of a folder, in the order of their names.
func ReadTimed(dir string) ([]Timed, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return nil, fmt.Errorf("cannot list recordings: %w", err)
	}
	var all []Timed
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("cannot read a recording: %w", err)
		}
		t, err := parseTimed(string(text))
		if err != nil {
			return nil, fmt.Errorf("cannot read recording %s: %w", path, err)
		}
		t.Name = strings.TrimSuffix(filepath.Base(path), ".log")
		all = append(all, t)
	}
	return all, nil
}

func parseTimed(text string) (t Timed, err error) {
	head, rest, _ := strings.Cut(text, "\n")
	var length, from string
	if _, err := fmt.Sscanf(head+"\n", header, &length, &from); err != nil {
		return t, fmt.Errorf("its head is wrong: %w", err)
	}
	if t.Length, err = time.ParseDuration(length); err != nil {
		return t, err
	}
	if t.Failing = from != "-"; t.Failing {
		if t.From, err = time.ParseDuration(from); err != nil {
			return t, err
		}
	}
	for line := range strings.Lines(rest) {
		at, said, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		seconds, err := time.ParseDuration(at + "s")
		if err != nil {
			return t, err
		}
		t.Lines = append(t.Lines, TimedLine{At: seconds, Text: said})
	}
	return t, nil
}
