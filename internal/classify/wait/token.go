package wait

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxTokens bounds the work on one text.
const maxTokens = 4096

type kind uint8

const (
	end kind = iota
	word
	number
	mark
	line
)

// token is a word, a number, a mark or the end of a line.
type token struct {
	kind kind
	// text is in lower case.
	text string
	// from and to are where it lies in the text.
	from, to int
	// glued says that nothing lies between it and the token before it.
	glued bool
}

// tokens cuts a text. A word ends where small letters turn into capitals, so that "retryAfterMs"
// is three. Quotes and backslashes are left out: JSON inside JSON reads like JSON.
func tokens(text string) []token {
	out := make([]token, 0, min(len(text)/3+1, maxTokens))
	glued := false
	for i := 0; i < len(text) && len(out) < maxTokens; {
		r, size := utf8.DecodeRuneInString(text[i:])
		t := token{from: i, to: i + size, glued: glued}
		switch {
		case r == '\n':
			t.kind = line
		case r == '\\' && strings.HasPrefix(text[i:], `\n`):
			t.kind, t.to = line, i+2
		case unicode.IsSpace(r) || strings.ContainsRune("\"'`\\", r) || unicode.IsControl(r):
			glued, i = false, i+size
			continue
		case r >= '0' && r <= '9':
			t.kind, t.to = number, numberEnd(text, i)
		case unicode.IsLetter(r):
			t.kind, t.to = word, wordEnd(text, i)
		default:
			t.kind = mark
		}
		t.text = strings.ToLower(text[t.from:t.to])
		out = append(out, t)
		glued, i = t.kind != line, t.to
	}
	return out
}

// numberEnd is the end of digits with at most one fraction.
func numberEnd(text string, i int) int {
	i = digits(text, i)
	if i+1 < len(text) && text[i] == '.' && isDigit(text[i+1]) {
		i = digits(text, i+1)
	}
	return i
}

func digits(text string, i int) int {
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	return i
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func wordEnd(text string, i int) int {
	small := false
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(r) || small && unicode.IsUpper(r) {
			break
		}
		small, i = unicode.IsLower(r), i+size
	}
	return i
}

// reader walks over the tokens of one text.
type reader struct {
	text string
	toks []token
	now  time.Time
}

// at is the token at i; one of kind end lies behind the last.
func (r *reader) at(i int) token {
	if i < 0 || i >= len(r.toks) {
		return token{}
	}
	return r.toks[i]
}

// is reports that the token at i is one of these words or marks.
func (r *reader) is(i int, texts ...string) bool {
	t := r.at(i)
	if t.kind != word && t.kind != mark {
		return false
	}
	for _, text := range texts {
		if t.text == text {
			return true
		}
	}
	return false
}

// skip passes over any of these.
func (r *reader) skip(i int, texts ...string) int {
	for r.is(i, texts...) || r.wraps(i) {
		i++
	}
	return i
}

// wrapWidth is how long a line is at least that was broken because it was full.
const wrapWidth = 40

// wraps reports that the end of a line at i breaks a sentence that goes on: the line ends open (with
// a bracket, a comma, a preposition), or it is full and the next does not begin as a record does.
func (r *reader) wraps(i int) bool {
	if r.at(i).kind != line {
		return false
	}
	if r.is(i-1, "{", "(", "[", ",", ":", "=", "at", "in", "on", "until", "after", "for") {
		return true
	}
	start := strings.LastIndexByte(r.text[:r.toks[i].from], '\n') + 1
	return r.toks[i].from-start >= wrapWidth && !r.stamped(i+1)
}

// stamped reports that the line at i begins with a time of day in seconds or a date in digits, or
// a bracket, as records of a log do.
func (r *reader) stamped(i int) bool {
	if r.is(i, "[", "{", "<") {
		return true
	}
	if r.at(i).kind != number || !r.is(i+1, ":", "-", "/") || r.at(i+2).kind != number {
		return false
	}
	return r.is(i+3, ":", "-", "/") && r.at(i+4).kind == number
}
