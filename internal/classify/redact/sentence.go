package redact

import (
	"strings"

	"healer-sidecar/internal/match"
)

var (
	noun = match.Deferred(`(?i)\b((?:api|access|secret|auth|private|bearer|refresh|session|bot|client|service|deploy|security|admin|master|license|encryption|signing|app)[ _-]?)?` +
		`(pass(?:word|wd|phrase|code)|secret|token|key|credentials?|jwt|cookie)\b`)
	spokenWord = match.Deferred(`\S+`)
	// reversed is a sentence that names the value first.
	reversed = match.Deferred(`(?i)(\S+) (?:is|was) (?:not )?(?:an? |the )?(?:valid |invalid |wrong |correct |known |unknown |expired |revoked )?(?:api |access |secret |auth )?(?:token|key|secret|password)\b`)
)

// fillers are words between a noun and the value that it names.
var fillers = wordSet(`provided is was used value given for of user named set to with has been are be = : - := it its supplied sent got using by from the this client account bot`)

// parsing are words before "token" and "key" that are about parsers, tables and vocabularies.
var parsing = wordSet(`unexpected illegal expected syntax next last end special eos bos pad unk stop start mask primary foreign duplicate sort cache partition public host map dict
	unknown invalid_token column row missing object lookup routing ssh hash each per every first whole`)

// verdicts are what is said of a secret that was shown.
var verdicts = wordSet(`refused rejected invalid revoked expired denied leaked wrong incorrect unauthorized accepted disabled blocked compromised exposed unknown bad`)

// farthest is how many words behind a noun its value may stand.
const farthest = 7

// inSentences finds a value that a sentence names: "token X was refused", "API key provided: X".
func inSentences(line string) []span {
	var spans []span
	for _, m := range noun.FindAllStringSubmatchIndex(line, -1) {
		if s, ok := named(line, m); ok {
			spans = append(spans, s)
		}
	}
	if len(spans) > 0 || !strings.Contains(line, " is ") && !strings.Contains(line, " was ") {
		return spans
	}
	for _, m := range reversed.FindAllStringSubmatchIndex(line, -1) {
		if from, to := stripped(line, m[2], m[3]); to-from >= 8 && telling(line[from:to]) {
			spans = append(spans, span{from, to})
		}
	}
	return spans
}

// named finds the value behind the noun at m.
func named(line string, m []int) (span, bool) {
	end := m[1]
	if end < len(line) && strings.IndexByte("_-./=", line[end]) >= 0 || m[0] > 0 && strings.IndexByte("_-./$", line[m[0]-1]) >= 0 {
		return span{}, false // part of a name: keyed looks at those
	}
	if rest := strings.TrimLeft(line[end:], "\"'`"); strings.HasPrefix(rest, ",") {
		return span{}, false // one of a list
	}
	words := spokenWord.FindAllStringIndex(line[end:], farthest)
	prior := strings.Fields(strings.ToLower(line[:m[0]]))
	about := len(prior) > 0 && parsing[strings.Trim(prior[len(prior)-1], `.,;:"'()`)]
	of, guest := false, false
	for i, w := range words {
		from, to := stripped(line, end+w[0], end+w[1])
		v := strings.ToLower(line[from:to])
		switch {
		case v == "" || fillers[v]:
			of = of || v == "for" || v == "of" || v == "user" || v == "by"
			continue
		case of && !guest && wordy(v) && i < len(words)-1:
			guest = true // "the token of bob is X"
			continue
		}
		judged := i+1 < len(words) && verdict(line[end:], words[i+1:])
		return span{from, to}, means(line[from:to], line[m[4]:m[5]], m[2] >= 0, about, judged)
	}
	return span{}, false
}

// verdict reports that the words behind a value say what became of it.
func verdict(line string, words [][]int) bool {
	for _, w := range words {
		v := strings.ToLower(strings.Trim(line[w[0]:w[1]], `.,;:"'()!`))
		if verdicts[v] {
			return true
		}
		if !fillers[v] && v != "not" && v != "no" && v != "longer" {
			return false
		}
	}
	return false
}

// means decides whether a sentence about a noun means the value v by it.
func means(v, noun string, qualified, about, judged bool) bool {
	s := shapeOf(v)
	mixed := s.digits > 0 && s.lower+s.upper > 0 && !ordinary(v)
	switch noun = strings.ToLower(noun); {
	case ordinary(v) || s.n < 5 || strings.ContainsAny(v, "\"'=\\{}<>,;&"):
		return false
	case about:
		return random(v)
	case noun == "key" && !qualified:
		return random(v) && !hexOnly.MatchString(v)
	case strings.HasPrefix(noun, "pass"):
		return mixed && !strings.Contains(v, "/")
	case judged:
		return mixed || random(v)
	}
	return s.n >= 8 && telling(v)
}

// stripped is the word at [from, to) without the marks around it.
func stripped(line string, from, to int) (int, int) {
	const marks = "\"'`()<>[]{},.:;“”‘’\\"
	v := line[from:to]
	from += len(v) - len(strings.TrimLeft(v, marks))
	v = strings.Trim(v, marks)
	if bare := strings.TrimRight(v, "!?"); strings.Trim(bare, "0123456789") != "" && wordy(bare) && shapeOf(bare).digits == 0 {
		v = bare
	}
	return from, from + len(v)
}

// long is how long a word is at least that is hidden for its form alone, and bits how random.
const (
	long = 40
	bits = 4.3
)

var (
	base64Word = match.Deferred(`[A-Za-z0-9+/_-]{40,}={0,2}`)
	// labels are words before a long word that say that it is public.
	labels = match.Deferred(`(?i)(?:sha[0-9]*|integrity|etag|digest|hash|checksum|fingerprint|request|trace|span|id(?:-[0-9])?|commit|ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+|data:[a-z/+-]+;base64,?|public|cert|certificate|nonce|cursor|page)["']?[\s:=_-]*["']?$`)
)

// alone finds words that are secrets by their form: a line of base64 and nothing else, and long words of
// no order that no label calls public.
func alone(line string) []span {
	trimmed := strings.Trim(line, " \t\r\n\"',\\")
	var spans []span
	for _, m := range base64Word.FindAllStringIndex(line, -1) {
		v := line[m[0]:m[1]]
		s := shapeOf(v)
		if hexOnly.MatchString(v) || uuid.MatchString(v) || s.digits < 2 || s.upper < 4 || s.lower < 4 || strings.Count(v, "/") > len(v)/16+1 || s.switches < s.n/3 {
			continue
		}
		if s.entropy >= bits && (v == trimmed || !labels.MatchString(line[:m[0]])) {
			spans = append(spans, span{m[0], m[1]})
		}
	}
	return spans
}
