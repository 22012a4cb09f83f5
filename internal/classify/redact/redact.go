package redact

import (
	"bytes"
	"slices"
	"strings"
)

// Hidden stands for what was taken out.
const Hidden = "[redacted]"

// span is a part of a line that is to be hidden.
type span struct{ from, to int }

// finders look for secrets each in its own way, by what stands around them.
var finders = []func(string) []span{issued, inAddresses, keyed, carried, inSentences}

// Text takes the secrets out of one line. It returns the line itself when there is none.
func Text(line string) string {
	if !worthALook(line) {
		return line
	}
	var spans []span
	for _, find := range finders {
		spans = append(spans, find(line)...)
	}
	known := spans
	for _, s := range alone(line) {
		if !slices.ContainsFunc(known, func(k span) bool { return k.from < s.to && s.from < k.to }) {
			spans = append(spans, s)
		}
	}
	return hide(line, spans)
}

// Line is Text for bytes.
func Line(line []byte) []byte {
	s := string(line)
	if out := Text(s); out != s {
		return []byte(out)
	}
	return line
}

// Lines takes the secrets out of lines that follow one another, in place: the body of a private key
// is known by the line before it, or, when that is out of sight, by the line at its end.
func Lines(lines []string) {
	inside := headless(lines)
	for i, line := range lines {
		begins, ends := strings.Contains(line, blockBegin) && strings.Contains(line, "PRIVATE KEY"), strings.Contains(line, blockEnd)
		if inside && !begins && !ends {
			if at := body(line); at < len(line) {
				lines[i] = line[:at] + Hidden
				continue
			}
			inside = strings.TrimSpace(line) == ""
		}
		if begins {
			inside = !ends
		} else if ends {
			inside = false
		}
		lines[i] = Text(line)
	}
}

// All takes the secrets out of a text of several lines.
func All(text string) string {
	lines := strings.Split(text, "\n")
	Lines(lines)
	return strings.Join(lines, "\n")
}

const (
	blockBegin = "-----BEGIN "
	blockEnd   = "-----END "
)

// headless reports that lines begin within a key block: its end comes before any begin.
func headless(lines []string) bool {
	for _, line := range lines {
		if strings.Contains(line, blockBegin) {
			return false
		}
		if strings.Contains(line, blockEnd) {
			return strings.Contains(line, "PRIVATE KEY")
		}
	}
	return false
}

// body is where the line of a key block begins its base64, behind what a log put before it; the
// length of the line when it holds none.
func body(line string) int {
	trimmed := strings.TrimRight(line, " \r\n\t\"',\\")
	start := strings.LastIndexAny(trimmed, " \t|>") + 1
	if word := trimmed[start:]; len(word) >= 4 && strings.Trim(word, base64Letters) == "" || strings.Contains(trimmed, "Proc-Type") || strings.Contains(trimmed, "DEK-Info") {
		return min(start, len(line))
	}
	return len(line)
}

// signs are looked for before anything else: most lines hold none, and no long word either.
var signs = [][]byte{
	[]byte("pass"), []byte("pwd"), []byte("secret"), []byte("token"), []byte("key"), []byte("cred"), []byte("auth"), []byte("cookie"), []byte("sess"),
	[]byte("sig"), []byte("bearer"), []byte("basic"), []byte("://"), []byte("-u"), []byte("--user"), []byte("jwt"), []byte("mnemonic"), []byte("seed"),
	[]byte("identified"), []byte("begin"), []byte("sshpass"), []byte("mysql"), []byte("pat"), []byte("otp"), []byte("sid"), []byte("csrf"), []byte("xsrf"),
	[]byte(" -p"), []byte(" -a "), []byte(" -w "), []byte("login"), []byte("phrase"),
}

// longWord is how long a word is at least that may be a secret by itself.
const longWord = 16

func worthALook(line string) bool {
	low := bytes.ToLower([]byte(line))
	if slices.ContainsFunc(signs, func(s []byte) bool { return bytes.Contains(low, s) }) {
		return true
	}
	run := 0
	for _, b := range low {
		if run++; b == ' ' || b == '\t' {
			run = 0
		}
		if run >= longWord {
			return true
		}
	}
	return false
}

// hide puts Hidden in the place of each span. Spans that overlap become one.
func hide(line string, spans []span) string {
	if len(spans) == 0 {
		return line
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var out strings.Builder
	end := 0
	for _, s := range spans {
		if s.from < end {
			if s.to > end {
				end = s.to
			}
			continue
		}
		if s.from > end || out.Len() == 0 {
			out.WriteString(line[end:s.from])
			out.WriteString(Hidden)
		}
		end = s.to
	}
	out.WriteString(line[end:])
	return out.String()
}
