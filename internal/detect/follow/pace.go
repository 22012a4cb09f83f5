package follow

import (
	"fmt"
	"time"
)

const (
	// paceRate is how much of one file is read in a second, paceSaved how much of that may
	// be saved up: reading as fast as a flood is written would slow its writer.
	paceRate, paceSaved = 128 << 20, 16 << 20
	// paceTail is how much of the end is read in any case.
	paceTail = 1 << 20
)

// pace bounds how fast a file is read. What comes faster is passed over, except its end;
// it stays in the file.
type pace struct {
	left   int64
	filled time.Time
	// passed counts the bytes that were passed over.
	passed int64
}

// may reports whether more can be read now.
func (p *pace) may(now time.Time) bool {
	if p.filled.IsZero() {
		p.left = paceSaved
	} else {
		p.left = min(p.left+int64(paceRate*now.Sub(p.filled).Seconds()), paceSaved)
	}
	p.filled = now
	return p.left > 0
}

// Passed counts the bytes that were passed over because they came too fast.
func (f *File) Passed() int64 { return f.pace.passed }

// Behind reports that there is more to read as soon as the pace allows it.
func (f *File) Behind() bool { return f.behind }

// slow stops reading until the pace allows more, and passes over what would then be too
// much.
func (f *File) slow() error {
	f.behind = true
	info, err := f.file.Stat()
	if err != nil {
		return fmt.Errorf("cannot read log %s: %w", f.path, err)
	}
	if over := info.Size() - paceTail - f.offset; over > 0 {
		f.offset += over
		f.pace.passed += over
		f.lines.Skip()
	}
	return nil
}
