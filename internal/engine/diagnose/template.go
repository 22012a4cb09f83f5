package diagnose

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"healer-sidecar/internal/heal"
)

// maxTemplate bounds the masked text that goes into a fingerprint.
const maxTemplate = 240

// masks replace the volatile parts of a message, in this order (ENGINE.md 2.4).
// Small numbers that belong to an error code are protected first.
var masks = []struct {
	expr func() *regexp.Regexp
	with string
}{
	{lazy(`(?i)\b(errno|http|code|status|exit|error)([ =:\[]{1,2})(\d{1,4})\b`), "$1$2\u00ab$3\u00bb"},
	{lazy(`[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`), "<id>"},
	{lazy(`\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?)?`), "<time>"},
	{lazy(`\b\d\d:\d\d:\d\d(?:[.,]\d+)?`), "<time>"},
	{lazy(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`), "<addr>"},
	{lazy(`[\w.+-]+@[\w-]+\.[\w.]+`), "<mail>"},
	{lazy(`\?[\w%.=&+-]+`), "?<query>"},
	{lazy(`(?:/[\w.@+-]+){2,}/?`), "<path>"},
	{lazy(`0x[0-9a-fA-F]+`), "<hex>"},
	{lazy(`\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\b`), "<hex>"},
	{lazy(`"[^"]{40,}"|'[^']{40,}'`), "<text>"},
	{lazy(`(?i)\b\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|b|kb|mb|gb|kib|mib|gib|%)?\b`), "<n>"},
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

var protected = lazy("\u00ab\\d+\u00bb")

// Generalise names a diagnosis by a template without the words that vary.
func Generalise(d *heal.Diagnosis, template string, exit *heal.Exit) {
	d.Masked, d.Template = d.Template, template
	d.Fingerprint = Fingerprint(d.Type, template, describeExit(exit))
}

// Fingerprint is a stable name for "the same failure again": the template of the telling
// line and how the process ended; without a telling line, the type. A line that is taken
// for another type today is still the same failure.
func Fingerprint(t heal.ErrorType, template, exit string) string {
	if template != "" {
		t = ""
	}
	sum := sha256.Sum256([]byte(string(t) + "\x00" + template + "\x00" + exit))
	return "v1:" + hex.EncodeToString(sum[:6])
}
