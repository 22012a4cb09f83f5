package classify

import (
	"healer-sidecar/internal/match"
	"regexp"
	"strings"
)

// maxTemplate bounds the masked text that goes into a fingerprint.
const maxTemplate = 240

// masks replace the volatile parts of a message, in this order (ENGINE.md 2.4).
// Small numbers that belong to an error code are protected first.
var masks = []struct {
	expr func() *regexp.Regexp
	with string
}{
	{match.Lazy(`(?i)\b(errno|http|code|status|exit|error)([ =:\[]{1,2})(\d{1,4})\b`), "$1$2\u00ab$3\u00bb"},
	{match.Lazy(`[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`), "<id>"},
	{match.Lazy(`\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?)?`), "<time>"},
	{match.Lazy(`\b\d\d:\d\d:\d\d(?:[.,]\d+)?`), "<time>"},
	{match.Lazy(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`), "<addr>"},
	{match.Lazy(`[\w.+-]+@[\w-]+\.[\w.]+`), "<mail>"},
	{match.Lazy(`\?[\w%.=&+-]+`), "?<query>"},
	{match.Lazy(`(?:/[\w.@+-]+){2,}/?`), "<path>"},
	{match.Lazy(`0x[0-9a-fA-F]+`), "<hex>"},
	{match.Lazy(`\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\b`), "<hex>"},
	{match.Lazy(`"[^"]{40,}"|'[^']{40,}'`), "<text>"},
	{match.Lazy(`(?i)\b\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|b|kb|mb|gb|kib|mib|gib|%)?\b`), "<n>"},
}

// Template masks what changes between two sightings of the same failure: ids,
// times, addresses, paths, numbers.
func Template(text string) string {
	if len(text) > 4*maxTemplate {
		text = text[:4*maxTemplate]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	for _, m := range masks[:1] {
		text = m.expr().ReplaceAllString(text, m.with)
	}
	code := protected().FindAllString(text, -1)
	text = protected().ReplaceAllString(text, "\u00ab\u00bb")
	for _, m := range masks[1:] {
		text = m.expr().ReplaceAllString(text, m.with)
	}
	for _, c := range code {
		text = strings.Replace(text, "\u00ab\u00bb", strings.Trim(c, "\u00ab\u00bb"), 1)
	}
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	if len(text) > maxTemplate {
		text = strings.ToValidUTF8(text[:maxTemplate], "")
	}
	return text
}

var protected = match.Lazy("\u00ab\\d+\u00bb")
