package match

// spacer writes text without its escape sequences. Where one moves the cursor, what comes before
// and after it are two words.
type spacer struct {
	out []byte
	// skip is how many columns the cursor moved to the right since the last text, apart says
	// that it moved elsewhere.
	skip  int
	apart bool
}

// text writes what a terminal shows. A move before the end of a line leaves nothing.
func (w *spacer) text(b []byte) {
	if len(b) == 0 {
		return
	}
	if b[0] != '\n' && b[0] != '\r' {
		for range w.skip {
			w.out = append(w.out, ' ')
		}
		if w.apart && !blank(b[0]) && len(w.out) > 0 && !blank(w.out[len(w.out)-1]) {
			w.out = append(w.out, ' ')
		}
	}
	w.skip, w.apart = 0, false
	w.out = append(w.out, b...)
}

// obey takes note of an escape sequence.
func (w *spacer) obey(sequence []byte) {
	switch to, columns := cursorMove(sequence); to {
	case right:
		// No more spaces than the sequence has bytes: a text never grows by being cleaned.
		w.skip = min(w.skip+min(columns, len(sequence)), maxSkip)
	case elsewhere:
		w.apart = true
	}
}

// maxSkip bounds the spaces that several moves in a row leave.
const maxSkip = 80

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// Where an escape sequence moves the cursor.
type direction int

const (
	nowhere direction = iota
	right
	elsewhere
)

// cursorMove tells where a sequence moves the cursor, and how many columns to the right. The final
// bytes are those of ECMA-48: CUF and HPR go right; CUU, CUD, CUB, CNL, CPL, CHA, CUP, CHT, CBT, HPA,
// VPA, VPR, HVP and the restoring of a position go elsewhere, as do IND, NEL, RI and DECRC.
func cursorMove(sequence []byte) (direction, int) {
	if len(sequence) == 2 {
		switch sequence[1] {
		case 'D', 'E', 'M', '8':
			return elsewhere, 0
		}
	}
	if len(sequence) < 3 || sequence[1] != '[' {
		return nowhere, 0
	}
	parameter := sequence[2 : len(sequence)-1]
	switch sequence[len(sequence)-1] {
	case 'C', 'a':
		if columns, ok := number(parameter); ok {
			return right, max(columns, 1)
		}
		return elsewhere, 0
	case 'A', 'B', 'D', 'E', 'F', 'G', 'H', 'I', 'Z', '`', 'd', 'e', 'f', 'u':
		if len(parameter) == 0 || parameter[0] < '<' { // others are private: CSI > 1 u sets a mode of the keyboard
			return elsewhere, 0
		}
	}
	return nowhere, 0
}

// number reads a parameter; an empty one is 0. One of more than four digits is not a column.
func number(digits []byte) (int, bool) {
	n := 0
	for _, d := range digits {
		if d < '0' || d > '9' || n > 999 {
			return 0, false
		}
		n = 10*n + int(d-'0')
	}
	return n, true
}
