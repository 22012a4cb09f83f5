package detect

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

// Log is one followed text: a stream of the agent, or a file that it writes.
type Log struct {
	// Name is stdout, stderr or the label of the block.
	Name string
	// Path is empty for a stream. With a pattern as its last part it stands for all files
	// that match.
	Path  string
	Rules []Rule
}

// many reports that the path stands for all files that match it.
func (l Log) many() bool { return strings.ContainsAny(filepath.Base(l.Path), "*?[") }

func (l Log) title() string { return "log " + l.Name }

// Rule is a rule of the operator. It comes before the built-in ones and may
// trigger any remedy.
type Rule struct {
	rules.Rule
	// Range is where the expression stands.
	Range hcl.Range
}

func decodeLog(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	f := config.Open(b.Body, []string{"path"}, config.BlockType{Name: "rule", Labels: 1})
	l := Log{Name: b.Label}
	f.Text("path", &l.Path)
	stream := l.Name == "stdout" || l.Name == "stderr"
	switch {
	case stream && l.Path != "":
		f.Wrong("path", fmt.Sprintf("%s is a stream and has no path", l.Name), `give the block another label, as in detect "log" "app"`)
	case !stream && l.Path == "" && !f.Diags.HasErrors():
		f.Diags = append(f.Diags, config.Problem(b.Range, fmt.Sprintf("log %q has no path", l.Name), `add path = "app.log", or use the label "stdout" or "stderr"`))
	}
	l.Path = config.Under(a.Dir, l.Path)
	if _, err := filepath.Match(filepath.Base(l.Path), ""); err != nil || strings.ContainsAny(filepath.Dir(l.Path), "*?[") {
		f.Wrong("path", fmt.Sprintf("%q is no pattern for names in one folder", l.Path), `write it as in path = "logs/*.log"`)
	}
	for _, r := range f.Blocks {
		rule, diags := decodeRule(r)
		f.Diags, l.Rules = append(f.Diags, diags...), append(l.Rules, rule)
	}
	for i := range s.Logs {
		if s.Logs[i].Name == l.Name {
			s.Logs[i] = l
			return f.Diags
		}
	}
	s.Logs = append(s.Logs, l)
	return f.Diags
}

func decodeRule(b *hcl.Block) (Rule, hcl.Diagnostics) {
	f := config.Open(b.Body, []string{"match", "not", "type"})
	match, not, name := "", "", ""
	f.Text("match", &match)
	f.Text("not", &not)
	f.Choice("type", typeNames(), &name)
	r := Rule{rules.Operators(b.Labels[0], heal.ErrorType(name), match, not), f.Range("match")}
	if !f.Diags.HasErrors() && (match == "" || name == "") {
		f.Diags = append(f.Diags, config.Problem(b.DefRange, fmt.Sprintf("rule %q needs match and type", r.Name), `write match = "expression" and type = "dependency_failure"`))
	}
	for field, expr := range map[string]string{"match": match, "not": not} {
		if _, err := regexp.Compile(expr); err != nil {
			f.Wrong(field, fmt.Sprintf("%s of rule %q is no expression: %v", field, r.Name, err), "use the syntax of RE2")
		}
	}
	return r, f.Diags
}

func isSignal(name string) bool { return kernel.SignalByName(name) != 0 }
