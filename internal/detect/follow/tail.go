package follow

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"healer-sidecar/internal/host/kernel"
)

// tailSize is how much of a file is searched for its last lines.
const tailSize = 4 << 20

// Line is one line of output and when it came; the time is zero where it is not
// known.
type Line struct {
	At   time.Time
	Text []byte
}

// Tail reads the end of an output file, and then what is added.
type Tail struct {
	path   string
	file   *os.File
	offset int64
}

// Last opens an output file and returns up to n of its last whole lines, the oldest
// first. A file that does not exist yet has none.
func Last(path string, n int) (*Tail, []Line, error) {
	t := &Tail{path: path}
	file, err := openIfThere(path)
	if err != nil || file == nil {
		return t, nil, err
	}
	t.file = file
	info, err := file.Stat()
	if err != nil {
		t.Close()
		return nil, nil, fmt.Errorf("cannot read output: %w", err)
	}
	t.offset = max(info.Size()-tailSize, 0)
	cut := t.offset > 0
	lines, err := t.More()
	if cut && len(lines) > 0 {
		lines = lines[1:] // its beginning lies before what was read
	}
	return t, lines[max(len(lines)-max(n, 0), 0):], err
}

// More returns the whole lines that were added since the last call.
func (t *Tail) More() ([]Line, error) {
	if t.file == nil {
		file, err := openIfThere(t.path)
		if err != nil || file == nil {
			return nil, err
		}
		t.file = file
	}
	t.offset = max(t.offset, kernel.FirstData(t.file)) // what was released reads as zeros
	b, err := io.ReadAll(io.NewSectionReader(t.file, t.offset, tailSize))
	if err != nil {
		return nil, fmt.Errorf("cannot read output: %w", err)
	}
	clock := readTimes(t.path)
	var lines []Line
	for {
		end := bytes.IndexByte(b, '\n')
		if end < 0 && len(b) < tailSize {
			return lines, nil
		}
		if end < 0 {
			end = len(b) - 1 // a line longer than all that is read at once
		}
		t.offset += int64(end) + 1
		text := bytes.TrimLeft(b[:end], "\x00") // what was released reads as zeros
		lines = append(lines, Line{clock.of(t.offset), trim(text)})
		b = b[end+1:]
	}
}

// Rest returns what comes after the last whole line, as a line; none when there is nothing.
func (t *Tail) Rest() []Line {
	if t.file == nil {
		return nil
	}
	b, _ := io.ReadAll(io.NewSectionReader(t.file, t.offset, tailSize))
	if t.offset += int64(len(b)); len(b) == 0 {
		return nil
	}
	return []Line{{Text: trim(b)}}
}

// Close ends the reading.
func (t *Tail) Close() {
	if t.file != nil {
		t.file.Close()
	}
}
