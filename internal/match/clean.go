package match

import "bytes"

// clean removes terminal escape sequences and control bytes, so that a coloured
// "ERROR" is found and an escape in a log never reaches a terminal through us. What moves the
// cursor leaves a space, as on the screen. A line without any is returned as it is.
func clean(line []byte, s *Scratch) []byte {
	if plain(line) {
		return line
	}
	w := spacer{out: s.clean[:0]}
	for i := 0; i < len(line); {
		switch b := line[i]; {
		case b == escape:
			n := escapeLength(line[i:])
			w.obey(line[i : i+n])
			i += n
			continue
		case b == '\r', b == '\n', b == '\v', b == '\f':
			w.apart = true
		case b >= 0x20 && b != 0x7f, b == '\t':
			w.text(line[i : i+1])
		}
		i++
	}
	s.clean = w.out
	return w.out
}

// Shown is what a terminal shows of a line in the end: a carriage return begins a new text in the
// place of the one before, as progress bars are drawn.
func Shown(line []byte) []byte {
	line = bytes.TrimRight(line, "\r\x00")
	return line[bytes.LastIndexByte(line, '\r')+1:]
}

// Clean is a line without escape sequences and control bytes.
func Clean(line []byte) []byte { return clean(line, &Scratch{}) }

// withoutEscapes removes escape sequences from lines: a word may be coloured in its middle, and a
// program that draws moves the cursor where others print a space. A text without any is returned
// as it is.
func withoutEscapes(lines []byte, s *Scratch) []byte {
	next := bytes.IndexByte(lines, escape)
	if next < 0 {
		return lines
	}
	w := spacer{out: s.plain[:0]}
	for next >= 0 {
		w.text(lines[:next])
		lines = lines[next:]
		end := bytes.IndexByte(lines, '\n') // one that is not ended ends with its line
		if end < 0 {
			end = len(lines)
		}
		n := escapeLength(lines[:end])
		w.obey(lines[:n])
		lines = lines[n:]
		next = bytes.IndexByte(lines, escape)
	}
	w.text(lines)
	s.plain = w.out
	return w.out
}

// innerQuotes makes the quotes within a quoted message, as JSON and logfmt escape them,
// single ones, in place: a rule then sees what it would without the wrapping.
func innerQuotes(line []byte) []byte {
	at := bytes.Index(line, []byte(`\"`))
	if at < 0 {
		return line
	}
	kept := line[:at]
	for i := at; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) && line[i+1] == '"' {
			kept = append(kept, '\'')
			i++
			continue
		}
		kept = append(kept, line[i])
	}
	return kept
}

// escape begins what a terminal obeys.
const escape = 0x1b

// escapeLength returns the length of the escape sequence at the start of b: CSI
// up to its final byte, OSC and its kin up to BEL or ST, one that selects characters up to its
// final byte (ESC ( B is in every reset that tput prints), else two bytes.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return len(b)
	}
	if i := 1; b[i] >= ' ' && b[i] <= '/' {
		for i < len(b) && b[i] >= ' ' && b[i] <= '/' {
			i++
		}
		return min(i+1, len(b))
	}
	switch b[1] {
	case '[':
		for i := 2; i < len(b); i++ {
			if b[i] >= 0x40 && b[i] <= 0x7e {
				return i + 1
			}
		}
		return len(b)
	case ']', 'P', '_', '^', 'X':
		for i := 2; i < len(b); i++ {
			if b[i] == 0x07 || b[i] == '\\' && b[i-1] == 0x1b {
				return i + 1
			}
		}
		return len(b)
	}
	return 2
}
