package follow

import (
	"bytes"
	"iter"
)

// MaxLine bounds what is kept of one line; the rest of it is skipped and counted.
const MaxLine = 64 << 10

// Lines cuts a stream of bytes into blocks of whole lines. Memory stays bounded
// whatever comes.
type Lines struct {
	// Records says that lines are JSON: of one that is long its strings are shortened, and not its end.
	Records bool

	partial  []byte
	skipping bool
	short    shortener
	// lost says that the beginning of the next line was passed over.
	lost bool
	// Cut counts the lines that were longer than MaxLine.
	Cut int
}

// Write takes the next bytes and calls each for all lines that are complete, as few
// times as possible: with whole lines, each with its end, in one block. The slice is
// valid only during the call.
func (l *Lines) Write(b []byte, each func([]byte)) {
	if l.lost {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			return
		}
		l.lost, b = false, b[end+1:]
	}
	if len(l.partial) > 0 || l.skipping {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			l.keep(b)
			return
		}
		l.keep(b[:end])
		l.Flush(each)
		b = b[end+1:]
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	if end > 0 {
		each(b[:end])
	}
	if end < len(b) {
		l.keep(b[end:])
	}
}

// keep adds to the unfinished line as much as there is room for.
func (l *Lines) keep(b []byte) {
	if l.Records {
		l.keepRecord(b)
		return
	}
	if room := MaxLine - len(l.partial); len(b) > room {
		b = b[:room]
		if !l.skipping {
			l.Cut++
		}
		l.skipping = true
	}
	l.partial = append(l.partial, b...)
}

// keepRecord adds to an unfinished record.
func (l *Lines) keepRecord(b []byte) {
	if l.skipping {
		return
	}
	if l.partial = l.short.add(l.partial, b); len(l.partial) > maxRecord {
		l.partial, l.skipping = l.partial[:maxRecord], true
		l.Cut++
	}
}

// Skip says that bytes were passed over: what is unfinished stays so.
func (l *Lines) Skip() {
	l.partial, l.skipping, l.lost, l.short = l.partial[:0], false, true, shortener{}
}

// Pending is how many bytes of an unfinished line are held back.
func (l *Lines) Pending() int { return len(l.partial) }

// Unfinished is the line that has no end yet; it is valid until the next Write.
func (l *Lines) Unfinished() []byte { return l.partial }

// Flush hands out an unfinished line, which has no end: its writer has ended.
func (l *Lines) Flush(each func([]byte)) {
	if len(l.partial) > 0 || l.skipping {
		each(l.partial)
	}
	l.partial, l.skipping, l.short = l.partial[:0], false, shortener{}
	if l.Records && cap(l.partial) > spareLine {
		l.partial = nil
	}
}

// Split cuts a block into its lines, without their ends.
func Split(block []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for line := range bytes.Lines(block) {
			if !yield(trim(bytes.TrimSuffix(line, []byte("\n")))) {
				return
			}
		}
	}
}

func trim(line []byte) []byte { return bytes.TrimSuffix(line, []byte("\r")) }
