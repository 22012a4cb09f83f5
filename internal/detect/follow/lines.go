package follow

import "bytes"

// MaxLine bounds what is kept of one line; the rest of it is skipped and counted.
const MaxLine = 64 << 10

// Lines cuts a stream of bytes into lines. Memory stays bounded whatever comes.
type Lines struct {
	partial  []byte
	skipping bool
	// Cut counts the lines that were longer than MaxLine.
	Cut int
}

// Write takes the next bytes and calls each for every complete line, without its
// end. The slice is valid only during the call.
func (l *Lines) Write(b []byte, each func([]byte)) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			l.keep(b)
			return
		}
		if len(l.partial) == 0 && !l.skipping && end <= MaxLine {
			each(trim(b[:end]))
		} else {
			l.keep(b[:end])
			l.Flush(each)
		}
		b = b[end+1:]
	}
}

// keep adds to the unfinished line as much as there is room for.
func (l *Lines) keep(b []byte) {
	if room := MaxLine - len(l.partial); len(b) > room {
		b = b[:room]
		if !l.skipping {
			l.Cut++
		}
		l.skipping = true
	}
	l.partial = append(l.partial, b...)
}

// Pending is how many bytes of an unfinished line are held back.
func (l *Lines) Pending() int { return len(l.partial) }

// Flush hands out an unfinished line: its writer has ended.
func (l *Lines) Flush(each func([]byte)) {
	if len(l.partial) > 0 || l.skipping {
		each(trim(l.partial))
	}
	l.partial, l.skipping = l.partial[:0], false
}

func trim(line []byte) []byte { return bytes.TrimSuffix(line, []byte("\r")) }
