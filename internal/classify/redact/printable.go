package redact

import (
	"bytes"
	"strings"

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
// limit bytes. The secrets are taken out first, so that none is cut until it is not known any more.
func Kept(line []byte, limit int) string {
	return Cut(Text(Printable(line, limit+maxSecret)), limit)
}

// maxSecret is how far behind the limit a secret may reach that begins before it.
const maxSecret = 512

// Cut is at most limit bytes of a text, without the half of a letter at its end.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}
