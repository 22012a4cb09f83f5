package match

// literal is a text in lower case. Where it begins or ends a word, no letter, digit or
// underscore stands beside it.
type literal struct {
	text        string
	first, last bool
	// at is where the two neighbouring windows begin that usual text holds least, for one that is
	// searched for.
	at   uint8
	sign sign
}

// newLiteral is a text wherever it stands.
func newLiteral(text string) literal { return literal{text: text, sign: signOf(text)} }

// standsAt reports that a text holds the literal at a place.
func (l *literal) standsAt(text []byte, at int) bool {
	end := at + len(l.text)
	if end > len(text) {
		return false
	}
	for i := range len(l.text) {
		if lowerByte(text[at+i]) != l.text[i] {
			return false
		}
	}
	return (!l.first || at == 0 || !WordByte(text[at-1])) && (!l.last || end == len(text) || !WordByte(text[end]))
}

// WordByte reports that a byte is an ASCII letter, a digit or an underscore.
func WordByte(b byte) bool {
	b = lowerByte(b)
	return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_'
}

func lowerByte(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 32
	}
	return b
}
