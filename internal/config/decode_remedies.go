package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/heal"
)

// remedyBlocks are the blocks of an agent that give remedies something to act on.
var remedyBlocks = []BlockType{{"degrade", 1}, {"alternative", 1}, {"tunable", 1}, {"compensate", 1}, {"snapshot", 1}, {"hook", 1}, {"nudge", 1}}

// remedies reads them, in the order in which they stand, and the spend block, which may name them.
func (f *Fields) remedies(a *Agent) {
	seen := map[string]bool{}
	for _, b := range f.Blocks {
		if !slices.ContainsFunc(remedyBlocks, func(t BlockType) bool { return t.Name == b.Type }) {
			continue
		}
		key := titleOf(b)
		if seen[key] && b.Type != "hook" {
			f.Diags = append(f.Diags, Problem(b.DefRange, key+" is defined twice", "give one of them another name"))
		}
		seen[key] = true
		f.Diags = append(f.Diags, a.remedy(b)...)
	}
	a.declare()
	f.spend(a)
}

func (a *Agent) remedy(b *hcl.Block) (diags hcl.Diagnostics) {
	name := b.Labels[0]
	switch b.Type {
	case "degrade":
		d := Degrade{Name: name}
		f := Open(b.Body, []string{"env", "args", "command", "signal"}, BlockType{"limits", 0})
		f.overlay(&d.Overlay)
		f.Choice("signal", stopSignals, &d.Signal)
		a.Degrades, diags = append(a.Degrades, d), f.Diags
	case "alternative":
		alt := Alternative{Name: name}
		f := Open(b.Body, []string{"env", "args", "command", "primary"}, BlockType{"limits", 0})
		f.overlay(&alt.Overlay)
		f.Text("primary", &alt.Primary)
		a.Alternatives, diags = append(a.Alternatives, alt), f.Diags
	case "tunable":
		diags = a.decodeTunable(b)
	case "compensate":
		diags = a.decodeCompensate(b)
	case "snapshot":
		diags = a.decodeSnapshot(b)
	case "hook":
		diags = a.decodeHook(b)
	case "nudge":
		diags = a.decodeNudge(b)
	}
	return diags
}

func (f *Fields) overlay(o *Overlay) {
	f.TextMap("env", &o.Env)
	f.Texts("args", &o.Args)
	f.Texts("command", &o.Command)
	f.once("limits", func(inner hcl.Body) hcl.Diagnostics { return decodeLimits(inner, &o.Limits) })
	if f.given("env", "args", "command", "signal") == 0 && len(f.Blocks) == 0 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(f.where, "it changes nothing", `say what is different, as in env = { FEATURES = "core" }`))
	}
}

func decodeResume(body hcl.Body, a *Agent) hcl.Diagnostics {
	f := Open(body, []string{"env", "args", "command"})
	a.Resume = &Overlay{}
	f.overlay(a.Resume)
	if a.Attach != nil && len(a.Command) == 0 {
		f.Diags = append(f.Diags, Problem(f.where, "resume needs a command of the agent", `add command = ["program", "argument"]`))
	}
	return f.Diags
}

func (a *Agent) decodeTunable(b *hcl.Block) hcl.Diagnostics {
	f := Open(b.Body, []string{"value", "min", "argument", "file", "signal", "command", "url", "timeout"})
	t := Tunable{Name: b.Labels[0], Min: 1, Timeout: 10 * time.Second}
	f.Text("argument", &t.Argument)
	f.Text("file", &t.File)
	t.File = Under(a.Dir, t.File)
	f.Choice("signal", stopSignals, &t.Signal)
	f.Texts("command", &t.Command)
	f.URL("url", &t.URL)
	f.Duration("timeout", 100*time.Millisecond, &t.Timeout)
	start := a.Env[t.Name]
	if i := slices.Index(a.Command, t.Argument); t.Argument != "" && i >= 0 && i+1 < len(a.Command) {
		start = a.Command[i+1]
	}
	if v, err := strconv.ParseFloat(start, 64); err == nil {
		t.Value = v
	}
	f.Number("value", 0, 1e12, &t.Value)
	f.Number("min", 0, 1e12, &t.Min)
	switch {
	case t.Value <= 0 && !f.Diags.HasErrors():
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("tunable %q has no number to start from", t.Name), "give it a value, or set the variable of its name in env"))
	case t.Min >= t.Value && !f.Diags.HasErrors():
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("tunable %q cannot go down: min %v is not below %v", t.Name, t.Min, t.Value), "lower min"))
	case t.Argument != "" && t.File != "":
		f.Wrong("file", "tunable has both an argument and a file", "choose one of them")
	case f.given("signal", "command", "url") > 1:
		f.Wrong("signal", "tunable is put in force in more than one way", "choose one of signal, command and url")
	}
	a.Tunables = append(a.Tunables, t)
	return f.Diags
}

func (a *Agent) decodeCompensate(b *hcl.Block) hcl.Diagnostics {
	f := Open(b.Body, []string{"command", "lock", "aside", "port", "input", "to", "deaths", "timeout", "types"})
	c := Compensate{Name: b.Labels[0], Deaths: 3, Timeout: 5 * time.Second}
	f.Texts("command", &c.Command)
	for name, into := range map[string]*string{"lock": &c.Lock, "aside": &c.Aside, "input": &c.Input, "to": &c.To} {
		f.Text(name, into)
		*into = Under(a.Dir, *into)
	}
	f.Address("port", &c.Port)
	f.Count("deaths", 1, 100, &c.Deaths)
	f.Duration("timeout", 100*time.Millisecond, &c.Timeout)
	var types []string
	f.Texts("types", &types)
	for _, name := range types {
		if !heal.ErrorType(name).Valid() {
			f.Wrong("types", fmt.Sprintf("%q is no error type", name), Suggest(name, words(heal.ErrorTypes)))
		}
		c.Types = append(c.Types, heal.ErrorType(name))
	}
	if f.given("command", "lock", "aside", "port", "input") != 1 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("compensate %q does nothing, or several things", c.Name), "give it exactly one of command, lock, aside, port and input; several things are several blocks"))
	}
	if (c.Aside != "" || c.Input != "") && c.To == "" && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("compensate %q does not say where to", c.Name), `add to = "quarantine"`))
	}
	a.Compensates = append(a.Compensates, c)
	return f.Diags
}

func (a *Agent) decodeSnapshot(b *hcl.Block) hcl.Diagnostics {
	f := Open(b.Body, []string{"paths", "keep", "max_size", "max_files", "after", "every"})
	s := Snapshot{Name: b.Labels[0], Keep: 5, MaxSize: 1 << 30, MaxFiles: 100_000, After: a.Heal.VerifyFor, Every: time.Minute}
	if !validName.MatchString(s.Name) {
		f.Diags = append(f.Diags, Problem(b.LabelRanges[0], fmt.Sprintf("%q is no name for a snapshot", s.Name), "use up to 64 letters, digits, dots, dashes and underscores"))
	}
	f.Texts("paths", &s.Paths)
	for i, path := range s.Paths {
		s.Paths[i] = Under(a.Dir, path)
		if whole, err := filepath.Abs(s.Paths[i]); err == nil && path != "" {
			s.Paths[i] = whole
		}
	}
	f.Count("keep", 1, 1000, &s.Keep)
	f.Size("max_size", &s.MaxSize)
	f.Count("max_files", 1, 10_000_000, &s.MaxFiles)
	f.Duration("after", 100*time.Millisecond, &s.After)
	f.Duration("every", 100*time.Millisecond, &s.Every)
	if (len(s.Paths) == 0 || slices.Contains(s.Paths, "")) && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("snapshot %q has no paths", s.Name), `add paths = ["state"]`))
	}
	a.Snapshots = append(a.Snapshots, s)
	return f.Diags
}

// hookPoints are the points of an agent's life at which a command may be run.
var hookPoints = []string{"pre_start", "post_start", "pre_stop", "post_stop"}

func (a *Agent) decodeHook(b *hcl.Block) hcl.Diagnostics {
	f := Open(b.Body, []string{"command", "timeout"})
	h := Hook{At: b.Labels[0], Timeout: 10 * time.Second}
	if !slices.Contains(hookPoints, h.At) {
		f.Diags = append(f.Diags, Problem(b.LabelRanges[0], fmt.Sprintf("%q is no point for a hook", h.At), Suggest(h.At, hookPoints)))
	}
	f.Texts("command", &h.Command)
	f.Duration("timeout", 100*time.Millisecond, &h.Timeout)
	if len(h.Command) == 0 && !f.Diags.HasErrors() {
		f.Diags = append(f.Diags, Problem(b.DefRange, "hook has no command", `add command = ["program", "argument"]`))
	}
	a.Hooks = append(a.Hooks, h)
	return f.Diags
}
