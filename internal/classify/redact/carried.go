package redact

import (
	"slices"
	"strings"

	"healer-sidecar/internal/match"
)

// carrier is a way to hand a secret to a program; its last group is the secret.
type carrier struct {
	// signs are what the line must hold one of, in lower case, before the form is looked for.
	signs []string
	form  *match.Expression
	// least is what the secret must be for certain ways that are also ordinary words.
	least func(string) bool
}

func anything(v string) bool { return !placeholder.MatchString(v) }

// noWord is enough where a scheme comes before it.
func noWord(v string) bool {
	return anything(v) && !measured.MatchString(v) && (!wordy(v) || len(v) >= 20 && !strings.ContainsAny(v, "-_.,:/"))
}

func notNumbers(v string) bool {
	return anything(v) && strings.Trim(v, "0123456789") != "" && !strings.HasPrefix(v, "//")
}

var carriers = []carrier{
	{[]string{"bearer", "basic", "digest"}, match.Deferred(`(?i)\b(?:bearer|basic|digest)\s+["']?([A-Za-z0-9._~+/=-]{8,})`), noWord},
	{[]string{"-u", "-user", "-cred"}, match.Deferred(
		`(?:^|[\s"'\[,])(?:-u|-U|--user|--proxy-user|--creds|--credentials)` +
			`(?:[= ]+|["'],\s*["'])?["']?[^\s:"']+[:%]([^\s"']+)`), notNumbers},
	{[]string{"sshpass"}, match.Deferred(`\bsshpass\s+-p\s*["']?([^\s"']+)`), anything},
	{[]string{"mysql", "mariadb"}, match.Deferred(`\b(?:mysql|mariadb)[a-z-]*\b[^|;]*?\s-p["']?([^\s"'=]+)`), anything},
	{[]string{"ldap"}, match.Deferred(`\bldap[a-z]+\b[^|;]*?\s-w\s+["']?([^\s"']+)`), anything},
	{[]string{"redis-cli"}, match.Deferred(`\bredis-cli\b[^|;]*?\s-a\s+["']?([^\s"']+)`), anything},
	{[]string{" login"}, match.Deferred(
		`\b(?:docker|podman|helm|az|skopeo|buildah)\b[^|;]*?\slogin\b[^|;]*?\s-p\s+["']?([^\s"']+)`), anything},
	{[]string{"pass:"}, match.Deferred(`\bpass:([^\s"':]+)`), mixed},
	{[]string{"identified"}, match.Deferred(
		`(?i)\b(?:user|role|grant|to)\b.*\bidentified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?["']([^"']+)`), anything},
	{[]string{"password"}, match.Deferred(`(?i)\b(?:with|encrypted|set)\s+password\s*=?\s*["']([^"']+)`), anything},
	{[]string{"auth"}, match.Deferred(`\bauth\s*=\s*\(\s*["'][^"']*["'],\s*["']([^"']+)["']`), anything},
	{[]string{"login "}, match.Deferred(`\blogin\s+\S+\s+password\s+(\S+)`), anything},
	{[]string{"auth "}, match.Deferred(`\bAUTH\s+["']?(?:[a-z]+["']?\s+["']?)?([^\s"']{4,})`), mixed},
	{[]string{"pass "}, match.Deferred("\\b(?:PASS|pass)\\s+([^\\s\"'`-][^\\s\"'`]{5,})$"), mixed},
}

// mixed wants a digit among letters, or no word at all.
func mixed(v string) bool {
	s := shapeOf(v)
	return noWord(v) || !ordinary(v) && s.digits > 0 && s.lower+s.upper > 0 && !(wordy(v) && strings.Contains(v, "-"))
}

// carried finds what is handed over by a scheme, a command or a statement.
func carried(line string) []span {
	var spans []span
	low := strings.ToLower(line)
	for _, c := range carriers {
		if !slices.ContainsFunc(c.signs, func(s string) bool { return strings.Contains(low, s) }) {
			continue
		}
		for _, m := range c.form.FindAllStringSubmatchIndex(line, -1) {
			from, to := m[len(m)-2], m[len(m)-1]
			v := strings.TrimRight(line[from:to], `.,;)\`)
			if v != "" && c.least(v) {
				spans = append(spans, span{from, from + len(v)})
			}
		}
	}
	return spans
}

var (
	userInfo  = match.Deferred(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:"'<>]*:([^\s/"'<>]+)@`)
	userAlone = match.Deferred(`[A-Za-z][A-Za-z0-9+.-]*://([^\s/@:"'<>]{12,})@`)
	// inPaths are addresses whose path is the secret.
	inPaths = []*match.Expression{
		match.Deferred(`/bot[0-9]{5,}:([^/\s"'?]+)`), match.Deferred(`hooks\.slack\.com/(?:services|workflows|triggers)/(?:[A-Z0-9]+/){0,2}([^\s"'?]+)`),
		match.Deferred(`/api/webhooks/[0-9]+/([^\s"'?/]+)`), match.Deferred(`/webhookb2/([^\s"'?]+)`), match.Deferred(`://hooks?\.[^\s/]+/[^\s"']*?([A-Za-z0-9_-]{20,})`),
	}
)

// inAddresses finds what is part of an address: a password before the host, a token in the path.
func inAddresses(line string) []span {
	var spans []span
	if !strings.Contains(line, "/") {
		return nil
	}
	take := func(form *match.Expression, least func(string) bool) {
		for _, m := range form.FindAllStringSubmatchIndex(line, -1) {
			if least(line[m[2]:m[3]]) {
				spans = append(spans, span{m[2], m[3]})
			}
		}
	}
	take(userInfo, anything)
	take(userAlone, random)
	for _, form := range inPaths {
		take(form, anything)
	}
	return spans
}
