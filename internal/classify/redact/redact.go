// Package redact makes lines fit to be kept, shown and sent: without secrets, and without what
// drives a terminal.
package redact

import (
	"bytes"
	"regexp"
)

// hidden stands for what was taken out.
const hidden = "[redacted]"

// A secret is told by the word before it, by how it is carried, or by its own form. The
// words are those under which programs print them; the forms those of widely used issuers.
var (
	namedSecret = regexp.MustCompile(`(?i)([a-z0-9_.-]*(?:passw(?:or)?d|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|session[_-]?id|signature)s?["']?\s*(?:=|:|=>)\s*)(?:(?:bearer|basic|token)\s+)?("[^"]+"|'[^']+'|[^\s"',;&)}\]]+)`)
	carried     = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{12,}`)
	inAddress   = regexp.MustCompile(`([a-z][a-z0-9+.-]*://)[^\s/@:]*:[^\s/@]+@`)
	byForm      = regexp.MustCompile(`\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)`)
	keyBlock    = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----.*`)
)

// signs are looked for before any expression is: most lines hold none.
var signs = [][]byte{
	[]byte("passw"), []byte("secret"), []byte("token"), []byte("key"), []byte("credential"), []byte("authorization"), []byte("cookie"), []byte("session"),
	[]byte("signature"), []byte("bearer"), []byte("basic"), []byte("://"), []byte("sk-"), []byte("gh"), []byte("glpat-"), []byte("xox"), []byte("akia"),
	[]byte("asia"), []byte("aiza"), []byte("hf_"), []byte("npm_"), []byte("eyj"),
}

// Line takes secrets out of a line before it is kept anywhere or sent to anybody. It
// returns the line itself when there is none.
func Line(line []byte) []byte {
	low := bytes.ToLower(line)
	found := false
	for _, s := range signs {
		found = found || bytes.Contains(low, s)
	}
	if !found {
		return line
	}
	line = keyBlock.ReplaceAll(line, []byte(hidden))
	line = inAddress.ReplaceAll(line, []byte("${1}"+hidden+"@"))
	line = namedSecret.ReplaceAll(line, []byte("${1}"+hidden))
	line = carried.ReplaceAll(line, []byte("${1} "+hidden))
	return byForm.ReplaceAll(line, []byte(hidden))
}
