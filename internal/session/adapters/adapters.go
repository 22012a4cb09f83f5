// Package adapters holds the built-in adapters of package session, one file for each runtime, and reads
// those of a policy. Both are written in the same words.
package adapters

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/session"
)

//go:embed *.hcl
var files embed.FS

// Names are the runtimes with a built-in adapter.
func Names() (names []string) {
	all, _ := fs.Glob(files, "*.hcl")
	for _, name := range all {
		names = append(names, strings.TrimSuffix(path.Base(name), ".hcl"))
	}
	return names
}

// Text is the built-in adapter of a runtime as it is written.
func Text(name string) (string, bool) {
	b, err := files.ReadFile(name + ".hcl")
	return string(b), err == nil
}

// Load reads the built-in adapter of a runtime.
func Load(name string) (session.Adapter, error) {
	text, known := Text(name)
	if !known {
		return session.Adapter{}, fmt.Errorf("cannot read adapter: unknown runtime %q, known are %s", name, strings.Join(Names(), ", "))
	}
	file, diags := hclparse.NewParser().ParseHCL([]byte(text), name+".hcl")
	if diags.HasErrors() {
		return session.Adapter{}, fmt.Errorf("cannot read adapter %s: %w", name, diags)
	}
	f := config.Open(file.Body, nil, config.BlockType{Name: "runtime", Labels: 1})
	a := session.Adapter{Name: name}
	for _, b := range f.Blocks {
		inner := config.Open(b.Body, Attributes, config.BlockType{Name: "record", Labels: 1})
		Decode(inner, &a)
		f.Diags = append(f.Diags, inner.Diags...)
	}
	if f.Diags.HasErrors() {
		return session.Adapter{}, fmt.Errorf("cannot read adapter %s: %w", name, f.Diags)
	}
	return a, nil
}

// Attributes are those of an adapter, in its own file and in a detect block.
var Attributes = []string{"home_env", "home", "files", "time", "folder"}

// Decode adds what a block says to an adapter. A record with the name of one that is there takes its place;
// others come after them.
func Decode(f *config.Fields, a *session.Adapter) {
	f.Text("home_env", &a.HomeEnv)
	f.Text("home", &a.Home)
	f.Texts("files", &a.Files)
	f.Text("time", &a.Time)
	f.Text("folder", &a.Folder)
	for _, b := range f.Blocks.OfType("record") {
		r, diags := decodeRule(b)
		f.Diags = append(f.Diags, diags...)
		if i := slices.IndexFunc(a.Rules, func(had session.Rule) bool { return had.Name == r.Name }); i >= 0 {
			a.Rules[i] = r
			continue
		}
		a.Rules = append(a.Rules, r)
	}
}

func decodeRule(b *hcl.Block) (session.Rule, hcl.Diagnostics) {
	f := config.Open(b.Body, []string{"event", "when", "each", "id", "tool", "input", "output", "failed", "text", "status", "detail", "until", "in"})
	r := session.Rule{Name: b.Labels[0]}
	kind, kinds := "", []string{}
	for _, k := range session.Kinds {
		kinds = append(kinds, string(k))
	}
	f.Choice("event", kinds, &kind)
	r.Event = session.Kind(kind)
	f.TextMap("when", &r.When)
	for name, into := range map[string]*string{
		"each": &r.Each, "id": &r.ID, "tool": &r.Tool, "input": &r.Input, "output": &r.Output, "failed": &r.Failed, "text": &r.Text,
		"status": &r.Status, "detail": &r.Detail, "until": &r.Until, "in": &r.In,
	} {
		f.Text(name, into)
	}
	if !f.Diags.HasErrors() && (kind == "" || len(r.When) == 0) {
		f.Diags = append(f.Diags, config.Problem(b.DefRange, fmt.Sprintf("record %q needs event and when", r.Name),
			`write event = "tool_call" and when = { type = "call" }`))
	}
	return r, f.Diags
}
