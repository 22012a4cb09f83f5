package config

import "bytes"

// hopeless finds where a text is nested so deeply, or has so many tokens, that they are not
// worth the memory, or -1. It reads brackets, strings and comments as HCL does, a heredoc as if
// it were none, and holds nothing but a stack: what it lets through is judged exactly by guard.
func hopeless(src []byte, depth, tokens int) (at int, long bool) {
	s := depthScan{src: src, most: depth}
	for s.at < len(src) && !s.deep && s.tokens <= tokens {
		switch s.inside() {
		case '"':
			s.text()
		default:
			s.code()
		}
	}
	if s.deep || s.tokens > tokens {
		return s.at, !s.deep
	}
	return -1, false
}

// depthScan is a walk over a text. The stack holds a bracket or a quote for each that is
// open.
type depthScan struct {
	src         []byte
	at, most, n int
	stack       []byte
	deep        bool
	// tokens counts what the lexer would make at least.
	tokens int
}

func (s *depthScan) inside() byte {
	if len(s.stack) == 0 {
		return 0
	}
	return s.stack[len(s.stack)-1]
}

func (s *depthScan) has(word string) bool { return bytes.HasPrefix(s.src[s.at:], []byte(word)) }

// open enters a bracket or a quote of so many bytes.
func (s *depthScan) open(what byte, width int) {
	s.tokens++
	s.stack = append(s.stack, what)
	if what != '"' {
		s.n++
	}
	if s.deep = s.n > s.most; !s.deep {
		s.at += width
	}
}

func (s *depthScan) leave() {
	if len(s.stack) > 0 {
		if s.inside() != '"' {
			s.n--
		}
		s.stack = s.stack[:len(s.stack)-1]
	}
	s.at++
}

// brace leaves the innermost brace, and what was left open in it: a template ends with its
// brace, whatever stands in it.
func (s *depthScan) brace() {
	for len(s.stack) > 1 && (s.inside() == '(' || s.inside() == '[') {
		s.stack = s.stack[:len(s.stack)-1]
		s.n--
	}
	s.leave()
}

// skip goes behind a word, or to the end.
func (s *depthScan) skip(word string) {
	if i := bytes.Index(s.src[s.at:], []byte(word)); i >= 0 {
		s.at += i + len(word)
		return
	}
	s.at = len(s.src)
}

// text is inside a string.
func (s *depthScan) text() {
	switch {
	case s.has("$${") || s.has("%%{"):
		s.at += 3
	case s.has("${") || s.has("%{"):
		s.open('{', 2)
	case s.src[s.at] == '\\':
		s.at += 2
	case s.src[s.at] == '"':
		s.leave()
	default:
		s.at++
	}
}

// code is outside of strings. A heredoc is read as code: what it holds is text, but a text
// with so many brackets open is no policy either.
func (s *depthScan) code() {
	switch c := s.src[s.at]; {
	case c == '#' || s.has("//"):
		s.skip("\n")
	case s.has("/*"):
		s.at += len("/*")
		s.skip("*/")
	case c == '"':
		s.open('"', 1)
	case c == '[' || c == '(' || c == '{':
		s.open(c, 1)
	case c == '}':
		s.brace()
	case c == ']' || c == ')':
		s.leave()
	case c == ' ' || c == '\t' || c == '\r':
		s.at++
	default:
		s.word()
	}
}

// word goes over a name or a number, or one other character.
func (s *depthScan) word() {
	s.tokens++
	s.at++
	if !wordPart(s.src[s.at-1]) {
		return
	}
	for s.at < len(s.src) && wordPart(s.src[s.at]) {
		s.at++
	}
}

func wordPart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}
