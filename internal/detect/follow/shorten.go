package follow

const (
	// maxText is how much of one string of a record is kept, maxRecord how much of a record whose strings
	// were shortened.
	maxText, maxRecord = 4 << 10, 256 << 10
	// spareLine is the most memory that is kept for the next long line.
	spareLine = 16 << 10
)

// shortener copies JSON and leaves out what is too long of its strings, so that a record of any length
// stays a record. It works on pieces as they come.
type shortener struct {
	text    bool // inside a string
	escaped bool // behind a backslash
	hex     int  // digits of \uXXXX that are still to come
	kept    int  // of the present string
}

// add appends the next piece to dst.
func (s *shortener) add(dst, b []byte) []byte {
	for _, c := range b {
		if !s.text {
			s.text, s.kept = c == '"', 0
			dst = append(dst, c)
			continue
		}
		whole := !s.escaped && s.hex == 0 // c begins a character
		keep := s.kept < maxText || !whole && s.kept == maxText
		switch {
		case s.escaped:
			s.escaped = false
			if c == 'u' {
				s.hex = 4
			}
		case s.hex > 0:
			s.hex--
		case c == '\\':
			s.escaped = true
		case c == '"':
			s.text, keep = false, true
		}
		if !keep {
			s.kept = maxText + 1
			continue
		}
		dst = append(dst, c)
		if s.kept++; s.kept > maxText && (s.escaped || s.hex > 0) {
			s.kept = maxText // the rest of a character that was begun
		}
	}
	return dst
}
