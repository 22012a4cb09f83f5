package redact

import (
	"strings"

	"healer-sidecar/internal/match"
)

// link is how a name and its value are joined.
type link int

const (
	// colon is "name: value", which may as well be a sentence.
	colon link = iota
	// firm is an assignment, a flag, JSON, XML, a query.
	firm
	// beside is "NAME value", as in "ENV API_TOKEN x".
	beside
)

// pair is a name with its value, as places in the line.
type pair struct {
	name   string
	link   link
	from   int
	to     int
	quoted bool
}

var (
	name = match.Deferred(`[A-Za-z_][A-Za-z0-9_.-]*`)
	// joined is what lies between a name and its value. Escaped JSON has backslashes before its quotes.
	joined = match.Deferred(`^(\\*["'])?(\\*["'])?\]?[ \t]{0,3}(=>|:=|={1,2}|:|%3[Dd])[ \t]{0,4}(?:[bruf]?(\\*["'` + "`" + `]))?`)
	opener = match.Deferred(`^(["'],[ \t]*|=|[ \t]+)(\\*["'])?`)
	// entry is a list of settings: name: DB_PASSWORD, value: X.
	entry = match.Deferred(`(?i)\b(?:name|key|variable)\\*["']?\s*[:=]\s*\\*["']?([A-Za-z_][A-Za-z0-9_.-]*)\\*["']?[\s,;]+\\*["']?value\\*["']?\s*[:=]\s*\\*["']?([^\s"'\\,}]+)`)
)

// keyed finds the values of names that name a secret.
func keyed(line string) []span {
	var spans []span
	for _, m := range name.FindAllStringIndex(line, -1) {
		end := m[0] + len(strings.TrimRight(line[m[0]:m[1]], ".-"))
		c := certaintyOf(line[m[0]:end])
		if c == none {
			continue
		}
		p, ok := valueOf(line, m[0], end)
		if !ok {
			continue
		}
		p.name = line[m[0]:end]
		spans = append(spans, p.secrets(line, c)...)
	}
	if !strings.Contains(line, "value") {
		return spans
	}
	for _, m := range entry.FindAllStringSubmatchIndex(line, -1) {
		if certaintyOf(line[m[2]:m[3]]) >= likely && !placeholder.MatchString(line[m[4]:m[5]]) {
			spans = append(spans, span{m[4], m[5]})
		}
	}
	return spans
}

// valueOf finds the value of the name at [from, to).
func valueOf(line string, from, to int) (pair, bool) {
	flag := isFlag(line, from)
	if strings.HasSuffix(line[:from], "//") {
		return pair{}, false // the user of an address; inAddresses looks at those
	}
	if from > 0 && line[from-1] == '<' && to < len(line) && line[to] == '>' {
		end := strings.IndexByte(line[to:], '<')
		if end < 0 {
			end = len(line) - to
		}
		return pair{link: firm, from: to + 1, to: to + end, quoted: true}, end > 1
	}
	if m := joined.FindStringSubmatchIndex(line[to:]); m != nil {
		p := pair{link: colon, from: to + m[1]}
		sep := line[to+m[6] : to+m[7]]
		if sep == "==" || sep == "=" && m[6] == 0 && m[8] < 0 && m[1] > m[7] {
			return p, false // a comparison; "password= " without a value
		}
		spaced := to+m[7] < len(line) && (line[to+m[7]] == ' ' || line[to+m[7]] == '\t')
		if sep != ":" || m[2] >= 0 || !spaced || flag {
			p.link = firm
		}
		return p.until(line, m[8] >= 0, strings.TrimLeft(line[to+max(m[8], 0):to+max(m[9], 0)], "bruf"))
	}
	m := opener.FindStringSubmatchIndex(line[to:])
	if m == nil || !flag && (line[to] != ' ' || len(nameWords(line[from:to])) < 2) {
		return pair{}, false
	}
	p := pair{link: beside, from: to + m[1]}
	if flag {
		p.link = firm
	}
	return p.until(line, m[4] >= 0, line[to+max(m[4], 0):to+max(m[5], 0)])
}

// isFlag reports that the name at i is one of a command line: --name.
func isFlag(line string, i int) bool {
	start := len(strings.TrimRight(line[:i], "-"))
	return start < i && (start == 0 || strings.IndexByte(" \t\"'`[(,=", line[start-1]) >= 0)
}

// until finds the end of a value: its closing quote, or what ends a bare word.
func (p pair) until(line string, quoted bool, quote string) (pair, bool) {
	rest := line[p.from:]
	if p.quoted = quoted; quoted {
		p.to = p.from + closing(rest, quote)
		return p, p.to > p.from
	}
	end := strings.IndexAny(rest, " \t\"'`<>|\\")
	if end < 0 {
		end = len(rest)
	}
	v := rest[:end]
	for _, stop := range []string{"&", ";", ",", "}"} {
		if at := strings.Index(v, stop); at >= 0 && ends(v, at) {
			v = v[:at]
		}
	}
	v = strings.TrimRight(v, ",;")
	for _, b := range []string{"()", "[]", "{}"} {
		if strings.HasSuffix(v, b[1:]) && !strings.Contains(v, b[:1]) {
			v = v[:len(v)-1]
		}
	}
	p.to = p.from + len(v)
	return p, v != "" && !strings.ContainsAny(v[:1], "{[(")
}

// ends reports that the mark at i of a bare value ends it: nothing follows, or the next name does.
func ends(v string, i int) bool {
	return i == len(v)-1 || v[i] == ';' || nextName.MatchString(v[i+1:])
}

var nextName = match.Deferred(`^\s*["']?[A-Za-z_][A-Za-z0-9_.-]*["']?\s*[=:]`)

// closing is where a quoted value ends. A quote with backslashes ends at one with as many.
func closing(rest, quote string) int {
	for i := 0; i < len(rest); {
		at := strings.Index(rest[i:], quote)
		if at < 0 {
			return len(rest)
		}
		at += i
		slashes := at - len(strings.TrimRight(rest[:at], `\`))
		if slashes%2 == 0 || len(quote) > 1 {
			return at
		}
		i = at + 1
	}
	return len(rest)
}

var (
	scheme = match.Deferred(`(?i)^(?:bearer|basic|token|apikey|digest|negotiate|ntlm|key|aws4-hmac-sha256)\s+`)
	crumb  = match.Deferred(`([A-Za-z0-9_.-]+)=([^;\s"']+)`)
	inWord = match.Deferred(`^\S+`)
)

// secrets are the parts of a value that are secret.
func (p pair) secrets(line string, c certainty) []span {
	words := nameWords(p.name)
	switch last := words[len(words)-1]; last {
	case "cookie", "cookies":
		if s := p.crumbs(line); s != nil {
			return s
		}
	case "authorization", "auth":
		if m := scheme.FindString(line[p.from:]); m != "" {
			return p.credentials(line, m)
		}
	case "phrase", "mnemonic":
		if !p.quoted && p.link == firm || !p.quoted && len(strings.Fields(line[p.from:])) >= 10 {
			p.to = len(line)
		}
	}
	if p.secret(line, c) {
		return []span{{p.from, p.to}}
	}
	return nil
}

// credentials are what follows the scheme of an Authorization header.
func (p pair) credentials(line, scheme string) []span {
	from := p.from + len(scheme)
	to := p.to
	if !p.quoted {
		to = from + len(strings.TrimRight(inWord.FindString(line[from:]), `"'\,;)]}`))
		if s := strings.ToLower(scheme); strings.HasPrefix(s, "digest") || strings.HasPrefix(s, "aws4") {
			to = len(line)
		}
	}
	if from >= to {
		return nil
	}
	if v := line[from:to]; placeholder.MatchString(v) || wordy(v) && len(v) < longWord || wordy(v) && strings.Contains(v, " ") {
		return nil
	}
	return []span{{from, to}}
}

// attributes are the parts of a Set-Cookie header that are no cookies.
var attributes = map[string]bool{"path": true, "expires": true, "domain": true, "max-age": true, "samesite": true, "version": true, "priority": true}

// crumbs are the values of the cookies in a header.
func (p pair) crumbs(line string) []span {
	var spans []span
	for _, m := range crumb.FindAllStringSubmatchIndex(line[p.from:], -1) {
		n, v := line[p.from+m[2]:p.from+m[3]], line[p.from+m[4]:p.from+m[5]]
		if !attributes[strings.ToLower(n)] && !placeholder.MatchString(v) && (certaintyOf(n) > none || !ordinary(v) && !wordy(v)) {
			spans = append(spans, span{p.from + m[4], p.from + m[5]})
		}
	}
	return spans
}

// states are words that say how it is with a secret, and words of sentences.
var states = wordSet(`expired invalid missing required revoked denied unknown not is was were has have must should cannot could failed failure
	error ok valid accepted rejected refused unauthorized forbidden absent wrong incorrect bad new old current the a an no none any this that your for from of to in on at
	with and or by as if please see use using file found present set unset provided needed default disabled enabled rotated refreshed loaded created deleted changed updated
	mismatch too expires refresh auth api user unable access empty environment env variable prompt stdin keychain keyring hidden`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// secret decides whether a value is one, by what its name says and by its form.
func (p pair) secret(line string, c certainty) bool {
	v := line[p.from:p.to]
	bare := strings.Trim(v, ".,;:!?()")
	if v == "" || placeholder.MatchString(v) || strings.HasPrefix(v, Hidden) || strings.Contains(v, "://") && c != surely {
		return false
	}
	if p.link == colon && !p.quoted {
		return p.spoken(line, v, bare, c)
	}
	if p.link == beside {
		return telling(bare) && !strings.Contains(v, "=")
	}
	words := nameWords(p.name)
	last := words[len(words)-1]
	if last == "pwd" && strings.HasPrefix(v, "/") {
		return false // the working directory
	}
	state := states[strings.ToLower(bare)]
	s := shapeOf(v)
	switch c {
	case surely:
		return !(state && p.link == colon)
	case likely:
		number := s.digits == s.n
		return !state && s.n >= 3 && !(p.link == colon && wordy(v) && s.n < 12) && !(number && s.n < 6) && (number || !measured.MatchString(v)) && (!strings.Contains(v, " ") || last == "phrase" || last == "mnemonic")
	}
	if last == "pass" && p.link == firm && s.n >= 5 && s.digits > 0 && s.digits < s.n && !ordinary(v) {
		return true
	}
	return s.n >= 8 && telling(unescaped(v)) || s.n >= 6 && p.link == firm && s.digits > 0 && !ordinary(v) && !wordy(v) && s.lower+s.upper > 0
}

// spoken judges "name: value" without quotes, which may be a sentence about the name: a value that
// other words follow must be no word itself.
func (p pair) spoken(line, v, bare string, c certainty) bool {
	rest := strings.Trim(line[p.to:], " \t\r.,;\"'`)]}")
	s := shapeOf(bare)
	word := wordy(bare) && (s.others == 0 || s.digits == 0) || ordinary(bare) || strings.HasSuffix(v, ":")
	switch {
	case states[strings.ToLower(bare)] || s.n < 4:
		return false
	case c == surely && rest == "":
		return !strings.HasSuffix(v, ":")
	case c == surely:
		return !word || s.digits > 0 && s.digits < s.n && !ordinary(bare)
	case c == likely && rest == "":
		return !word || s.n >= longWord && s.others == 0
	case c == likely:
		return !word && s.n >= 6
	}
	return telling(bare) && random(bare)
}

var percent = match.Deferred(`%[0-9A-Fa-f]{2}`)

// unescaped is a value without the escapes of addresses.
func unescaped(v string) string { return percent.ReplaceAllString(v, "A") }
