package config

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// BlockType is a nested block that a body may hold, with the number of its labels.
type BlockType struct {
	Name   string
	Labels int
}

// Fields reads the attributes of one body into typed values and collects what is
// wrong with them.
type Fields struct {
	Diags  hcl.Diagnostics
	Blocks hcl.Blocks
	attrs  hcl.Attributes
	where  hcl.Range
}

// Open checks the body against the names it may hold. Unknown names become
// diagnostics; the known ones can be read.
func Open(body hcl.Body, attrs []string, blocks ...BlockType) *Fields {
	schema := &hcl.BodySchema{}
	for _, name := range attrs {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, b := range blocks {
		labels := []string{"name", "label"}[:b.Labels]
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: b.Name, LabelNames: labels})
	}
	content, diags := body.Content(schema)
	for _, d := range diags {
		if !strings.HasPrefix(d.Summary, "Unsupported") {
			continue
		}
		what, remedy, _ := strings.Cut(d.Detail, ". ")
		d.Summary, d.Detail = what, remedy
		if remedy == "" {
			d.Detail = "known here are " + known(schema)
		}
	}
	return &Fields{Diags: diags, Blocks: content.Blocks, attrs: content.Attributes, where: body.MissingItemRange()}
}

func known(s *hcl.BodySchema) string {
	var names []string
	for _, a := range s.Attributes {
		names = append(names, a.Name)
	}
	for _, b := range s.Blocks {
		names = append(names, b.Type)
	}
	return strings.Join(names, ", ")
}

// Range returns where an attribute stands, or the body without it.
func (f *Fields) Range(name string) hcl.Range {
	if a, ok := f.attrs[name]; ok {
		return a.Range
	}
	return f.where
}

// Has reports whether the attribute was given.
func (f *Fields) Has(name string) bool { return f.attrs[name] != nil }

// given counts which of several attributes were given.
func (f *Fields) given(names ...string) int {
	n := 0
	for _, name := range names {
		if f.Has(name) {
			n++
		}
	}
	return n
}

// Wrong adds an error about an attribute, with what to do about it.
func (f *Fields) Wrong(name, summary, remedy string) {
	f.Diags = append(f.Diags, Problem(f.Range(name), summary, remedy))
}

// Problem is one error with its place and its remedy.
func Problem(at hcl.Range, summary, remedy string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: remedy, Subject: &at}
}

// value evaluates an attribute as the wanted type; false when there is none.
func (f *Fields) value(name string, want cty.Type, remedy string) (cty.Value, bool) {
	a, ok := f.attrs[name]
	if !ok {
		return cty.NilVal, false
	}
	if items, _ := hcl.ExprList(a.Expr); len(items) > maxItems {
		f.Diags = append(f.Diags, tooLarge(a.Expr.Range(), fmt.Sprintf("%d items in a list", maxItems)))
		return cty.NilVal, false
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		f.Diags = append(f.Diags, variables(a.Expr, diags)...)
		return cty.NilVal, false
	}
	// A number where text is wanted is a forgotten unit, not text.
	strict := want == cty.String && v.Type() != cty.String
	got, err := convert.Convert(v, want)
	if err != nil || strict || v.IsNull() || !v.IsWhollyKnown() {
		f.Wrong(name, fmt.Sprintf("%s has the wrong type: it is %s", name, describe(v)), remedy)
		return cty.NilVal, false
	}
	return got, true
}

// variables names what an expression uses and does not exist.
func variables(expr hcl.Expression, diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		if used := expr.Variables(); len(used) > 0 && strings.Contains(d.Summary, "ariable") {
			d.Summary = fmt.Sprintf("%q is no variable here", used[0].RootName())
			d.Detail = "an agent knows agent, its name, and instance, its number, where it has a count; write text in quotes"
		}
	}
	return diags
}

func describe(v cty.Value) string {
	if v.IsNull() {
		return "null"
	}
	return "a " + v.Type().FriendlyName()
}

// Text reads a string.
func (f *Fields) Text(name string, into *string) {
	if v, ok := f.value(name, cty.String, fmt.Sprintf("write %s = \"...\"", name)); ok {
		*into = v.AsString()
	}
}

// Flag reads a boolean.
func (f *Fields) Flag(name string, into *bool) {
	if v, ok := f.value(name, cty.Bool, fmt.Sprintf("write %s = true or %s = false", name, name)); ok {
		*into = v.True()
	}
}

// Number reads a number between least and most.
func (f *Fields) Number(name string, least, most float64, into *float64) {
	v, ok := f.value(name, cty.Number, fmt.Sprintf("write a number, as in %s = %v", name, least))
	if !ok {
		return
	}
	n, _ := v.AsBigFloat().Float64()
	if n < least || n > most {
		f.Wrong(name, fmt.Sprintf("%s is %v", name, n), fmt.Sprintf("it must lie between %v and %v", least, most))
		return
	}
	*into = n
}

// Count reads a whole number between least and most.
func (f *Fields) Count(name string, least, most int, into *int) {
	n := math.NaN()
	f.Number(name, float64(least), float64(most), &n)
	switch {
	case math.IsNaN(n):
	case n != math.Trunc(n):
		f.Wrong(name, fmt.Sprintf("%s is %v", name, n), "write a whole number")
	default:
		*into = int(n)
	}
}

// Duration reads a span of time with a unit, at least least.
func (f *Fields) Duration(name string, least time.Duration, into *time.Duration) {
	remedy := fmt.Sprintf("write a string with a unit, as in %s = \"30s\", \"5m\" or \"1h\"", name)
	v, ok := f.value(name, cty.String, remedy)
	if !ok {
		return
	}
	d, err := ParseDuration(v.AsString())
	switch {
	case err != nil:
		f.Wrong(name, fmt.Sprintf("%s = %q is no duration", name, v.AsString()), remedy)
	case d < least:
		f.Wrong(name, fmt.Sprintf("%s = %q is too short", name, v.AsString()), fmt.Sprintf("it must be at least %s", least))
	default:
		*into = d
	}
}

// Size reads a number of bytes with a unit.
func (f *Fields) Size(name string, into *uint64) {
	remedy := fmt.Sprintf("write a string with a unit, as in %s = \"512MiB\" or \"2GiB\"", name)
	v, ok := f.value(name, cty.String, remedy)
	if !ok {
		return
	}
	n, err := ParseSize(v.AsString())
	if err != nil {
		f.Wrong(name, fmt.Sprintf("%s = %q is no size", name, v.AsString()), remedy)
		return
	}
	*into = n
}

// Percent reads a share with a percent sign.
func (f *Fields) Percent(name string, into *float64) {
	remedy := fmt.Sprintf("write a string with a percent sign, as in %s = \"80%%\"", name)
	v, ok := f.value(name, cty.String, remedy)
	if !ok {
		return
	}
	n, err := ParsePercent(v.AsString())
	if err != nil {
		f.Wrong(name, fmt.Sprintf("%s = %q is no percentage", name, v.AsString()), remedy)
		return
	}
	*into = n
}

// Choice reads one of the words.
func (f *Fields) Choice(name string, words []string, into *string) {
	text := ""
	if f.Text(name, &text); text == "" {
		return
	}
	if !slices.Contains(words, text) {
		f.Wrong(name, fmt.Sprintf("%s = %q is not known", name, text), Suggest(text, words))
		return
	}
	*into = text
}

// Texts reads a list of strings.
func (f *Fields) Texts(name string, into *[]string) {
	v, ok := f.value(name, cty.List(cty.String), fmt.Sprintf("write a list of strings, as in %s = [\"a\", \"b\"]", name))
	if !ok {
		return
	}
	*into = []string{}
	for _, item := range v.AsValueSlice() {
		*into = append(*into, text(item))
	}
}

// TextOrTexts reads one string, or a list of them.
func (f *Fields) TextOrTexts(name string, into *[]string) {
	if a, ok := f.attrs[name]; ok {
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == cty.String && !v.IsNull() {
			*into = []string{v.AsString()}
			return
		}
	}
	f.Texts(name, into)
}

// TextMap reads a map of strings.
func (f *Fields) TextMap(name string, into *map[string]string) {
	v, ok := f.value(name, cty.Map(cty.String), fmt.Sprintf("write a map of strings, as in %s = { KEY = \"value\" }", name))
	if !ok {
		return
	}
	*into = map[string]string{}
	for key, item := range v.AsValueMap() {
		(*into)[key] = text(item)
	}
}

func text(v cty.Value) string {
	if v.IsNull() {
		return ""
	}
	return v.AsString()
}

// Suggest is the remedy for an unknown word: the nearest known one, or all.
func Suggest(word string, words []string) string {
	const partAtLeast, maxSuggested = 4, 64
	best, distance := "", 4
	for _, w := range words {
		if len(word) >= partAtLeast && strings.Contains(w, word) {
			return fmt.Sprintf("did you mean %q?", w)
		}
		if max(len(word), len(w)) > maxSuggested {
			continue
		}
		if d := edits(word, w); d < distance {
			best, distance = w, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known are " + strings.Join(words, ", ")
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
