package corpus

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Stream is what a healthy program printed.
type Stream struct {
	// Name is that of its file, without the ending: the program, and what it did.
	Name  string
	Lines []string
}

// Program is the program that printed it: the first part of the name.
func (s Stream) Program() string {
	program, _, _ := strings.Cut(s.Name, "-")
	return program
}

// Streams reads the healthy streams of a folder, in the order of their names.
func Streams(dir string) ([]Stream, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		return nil, fmt.Errorf("cannot list healthy streams: %w", err)
	}
	var all []Stream
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("cannot read a healthy stream: %w", err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".log")
		all = append(all, Stream{Name: name, Lines: strings.Split(strings.TrimRight(string(text), "\n"), "\n")})
	}
	return all, nil
}

// Text is the stream as it was printed.
func (s Stream) Text() string { return strings.Join(s.Lines, "\n") + "\n" }

// Healthy counts how often lines of healthy streams are taken for failures.
type Healthy struct {
	Lines, Signals int
	// Called are the lines, by the stream.
	Called []string
}

// Add books the lines of a stream that were taken for a failure.
func (h *Healthy) Add(s Stream, called []string) {
	h.Lines += len(s.Lines)
	h.Signals += len(called)
	for _, line := range called {
		h.Called = append(h.Called, s.Name+": "+line)
	}
}

// PerThousand is how many of a thousand lines are taken for a failure.
func (h *Healthy) PerThousand() float64 { return 1000 * ratio(h.Signals, h.Lines) }

// Print writes the rate.
func (h *Healthy) Print(out io.Writer) {
	fmt.Fprintf(out, "healthy streams: %.2f false signals per 1,000 lines (%d of %d)\n", h.PerThousand(), h.Signals, h.Lines)
}
