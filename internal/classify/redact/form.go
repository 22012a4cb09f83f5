package redact

import (
	"math"
	"strings"

	"healer-sidecar/internal/match"
)

const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

// byForm are the forms that widely used issuers give their secrets. Each begins with something that
// is hardly ever the beginning of anything else.
var byForm = match.Deferred(`\b(?:` + strings.Join([]string{
	`sk-[A-Za-z0-9_-]{16,}`, `[sr]k_(?:live|test)_[A-Za-z0-9]{10,}`, `whsec_[A-Za-z0-9+/=]{16,}`,
	`gh[pousr]_[A-Za-z0-9]{20,}`, `github_pat_[A-Za-z0-9_]{20,}`, `gl(?:pat|ptt|dt|rt|cbt|soat|agent)-[A-Za-z0-9_-]{16,}`,
	`xox[abeprsc]-[A-Za-z0-9-]{10,}`, `xapp-[0-9]-[A-Za-z0-9-]{10,}`, `(?:AKIA|ASIA)[A-Z0-9]{16}`, `AIza[A-Za-z0-9_-]{30,}`,
	`ya29\.[A-Za-z0-9_-]{20,}`, `hf_[A-Za-z0-9]{20,}`, `npm_[A-Za-z0-9]{20,}`, `pypi-[A-Za-z0-9_-]{16,}`, `dop_v1_[a-f0-9]{32,}`,
	`SG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`, `shp(?:at|ca|pa|ss)_[a-fA-F0-9]{20,}`, `hv[sb]\.[A-Za-z0-9_-]{20,}`, `r8_[A-Za-z0-9]{20,}`,
	`gsk_[A-Za-z0-9]{20,}`, `xai-[A-Za-z0-9]{20,}`, `pplx-[A-Za-z0-9]{20,}`, `dckr_pat_[A-Za-z0-9_-]{20,}`, `lin_api_[A-Za-z0-9]{20,}`,
	`ntn_[A-Za-z0-9]{20,}`, `AGE-SECRET-KEY-1[A-Z0-9]{20,}`, `PMAK-[a-f0-9-]{20,}`, `sq0[a-z]{3}-[A-Za-z0-9_-]{20,}`, `tskey-[a-z]+-[A-Za-z0-9-]{16,}`,
	`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*`,
}, "|") + `)`)

var (
	keyBlock = match.Deferred(`-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)`)
	// botToken is that of a bot in the path of an address or alone: its number, a colon, 30 letters.
	botToken = match.Deferred(`\b(?:bot)?[0-9]{6,12}:([A-Za-z0-9_-]{30,})`)
)

// issued finds what has an issuer's form.
func issued(line string) []span {
	var spans []span
	for _, form := range []*match.Expression{byForm, keyBlock, botToken} {
		for _, m := range form.FindAllStringSubmatchIndex(line, -1) {
			spans = append(spans, span{m[len(m)-2], m[len(m)-1]})
		}
	}
	return spans
}

// shape counts what a word is made of.
type shape struct {
	n, lower, upper, digits, others int
	// switches are the places where one kind of letter follows another.
	switches int
	// entropy is that of the letters of the word, in bits a letter (Shannon).
	entropy float64
}

func shapeOf(word string) shape {
	s := shape{n: len(word)}
	var count [256]int
	last := 0
	for i := range len(word) {
		b, kind := word[i], 4
		count[b]++
		switch {
		case b >= 'a' && b <= 'z':
			s.lower, kind = s.lower+1, 1
		case b >= 'A' && b <= 'Z':
			s.upper, kind = s.upper+1, 2
		case b >= '0' && b <= '9':
			s.digits, kind = s.digits+1, 3
		default:
			s.others++
		}
		capital := kind == 1 && last == 2 && (i < 2 || !isUpper(word[i-2])) // "Word" is no switch
		if i > 0 && kind != last && !capital {
			s.switches++
		}
		last = kind
	}
	for _, c := range count {
		if c > 0 {
			p := float64(c) / float64(s.n)
			s.entropy -= p * math.Log2(p)
		}
	}
	return s
}

func isUpper(b byte) bool { return b >= 'A' && b <= 'Z' }

// random reports that a word is long and has no order: what it is, no person chose.
func random(word string) bool {
	s := shapeOf(strings.Trim(word, "="))
	letters := s.lower + s.upper
	switch {
	case s.n < longWord || s.others > s.n/6:
		return false
	case letters == 0:
		return false
	case s.upper == 0 || s.lower == 0:
		return s.digits >= s.n/8 && s.digits >= 2 && s.switches >= s.n/5 && s.entropy > 3
	}
	return s.switches >= s.n/4 && s.entropy > 3.2
}

var (
	hexOnly = match.Deferred(`^(?:0x)?[0-9a-fA-F]+$`)
	uuid    = match.Deferred(`^\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?$`)
	// measured are numbers, with units, dates, times, versions, addresses of hosts, and places in files.
	measured = match.Deferred(`^(?:` + strings.Join([]string{
		`[-+]?[0-9][0-9.,_]*(?:[a-zA-Z%]{1,3}|[kKMGT]i?B|tokens?|bytes?)?`, `[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[T ][0-9:.,]+(?:Z|[-+][0-9:]+)?)?`,
		`[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[ap]m)?`, `(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h|d))+`, `v[0-9]+(?:\.[0-9]+)*(?:[-+][a-z0-9.]+)?`,
		`[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?`, `[a-z0-9.-]+\.[a-z]{2,}:[0-9]+`, `[A-Za-z0-9_./-]+\.[a-z]{1,5}:[0-9]+(?::[0-9]+)?`, `[0-9]+/[0-9]+`, `[0-9]+(?:st|nd|rd|th)`,
		`[A-Za-z_.]+\([0-9]*\)`, `0x[0-9a-f]{1,16}`, `[a-z][a-z0-9+.-]*://.*`, `~?/[A-Za-z0-9_./-]*`, `\.{1,2}/.*`,
	}, "|") + `)$`)
	// placeholder says that a program hid the value itself, or names where it comes from.
	placeholder = match.Deferred(`^(?:[*•xX.…]{3,}|[*•]+.*|<.*>?|\[.*\]?|\$.*|%.*|\{\{?.*|(?i:null|nil|none|true|false|undefined|yes|no|on|off|empty|unset|redacted|hidden|masked|n/a|nan|string|str|bytes|int|integer|bool|boolean|object|todo|changeme|your[-_].*|example|secret|password|token))$`)
)

// ordinary reports a value that has a meaning of its own: a number, a date, a path, a placeholder.
func ordinary(v string) bool {
	return v == "" || measured.MatchString(v) || placeholder.MatchString(v)
}

// wordy reports a value that is made of words: letters only, in one or several pieces with at most
// small numbers behind them, as in "gpt-4o", "us-east-1", "AuthenticationError", "api_key".
func wordy(v string) bool {
	for _, piece := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune("-_./:,+", r) }) {
		s := shapeOf(piece)
		letters := s.lower + s.upper
		switch {
		case s.others > 0, letters > 0 && s.digits > 2, letters == 0 && s.digits > 4:
			return false
		case letters > 0 && s.digits > 0 && s.switches > 1+s.upper:
			return false
		case s.upper > 0 && s.lower > 0 && s.switches > 1+letters/4:
			return false
		case letters > 24:
			return false
		}
	}
	return true
}

// telling reports a value that a sentence about a secret may mean: not ordinary, and no word.
func telling(v string) bool {
	s := shapeOf(v)
	return s.n >= 6 && !ordinary(v) && (random(v) || !wordy(v) && s.lower+s.upper > 0)
}
