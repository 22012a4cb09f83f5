package redact

import (
	"bytes"

	"healer-sidecar/internal/match"
)

// Printable returns the line with escape sequences, control bytes and marks of direction
// removed and invalid UTF-8 replaced, cut to at most limit bytes.
func Printable(line []byte, limit int) string {
	if len(line) > limit {
		line = line[:limit]
	}
	text := bytes.ToValidUTF8(match.Clean(line), []byte("\uFFFD"))
	return string(bytes.Map(shown, text))
}

// shown drops what a terminal obeys instead of showing it: the control codes C1, and marks
// that change the direction of the text around them.
func shown(r rune) rune {
	switch {
	case r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
		return -1
	}
	return r
}

// Kept is a line as it may be kept or sent anywhere: printable, without secrets, and of at most
// limit bytes before those were taken out.
func Kept(line []byte, limit int) string { return Text(Printable(line, limit)) }

// Text is Line for a string.
func Text(line string) string { return string(Line([]byte(line))) }
