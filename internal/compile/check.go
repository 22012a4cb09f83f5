package compile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/supervisor"
)

// Agent is an agent whose whole policy was understood.
type Agent struct {
	Agent      config.Agent
	Spec       detect.Spec
	Classifier *classify.Classifier
}

// Check understands everything that a policy says, and starts nothing.
func Check(p *config.Policy) error {
	_, err := Agents(p)
	return err
}

func Agents(p *config.Policy) ([]Agent, error) {
	var all []Agent
	known := classifiers{}
	rules := 0
	var diags hcl.Diagnostics
	for _, a := range p.Agents {
		spec, found := detect.Decode(a)
		diags = append(diags, found...)
		diags = append(diags, checkCommand(a)...)
		if diags.HasErrors() {
			continue
		}
		if !known.has(spec.Rules()) {
			rules += len(spec.Rules())
		}
		if rules > maxRules {
			return nil, config.Wrong(hcl.Diagnostics{config.Problem(a.Range, fmt.Sprintf("policy_too_large: the policy has more than %d rules", maxRules), "use fewer rules, or the same rules for several agents")})
		}
		classifier, found := known.of(spec.Rules())
		diags = append(diags, found...)
		all = append(all, Agent{a, spec, classifier})
	}
	return all, config.Wrong(diags)
}

// maxRules is how many rules the agents of a policy may have together; those that have the same
// rules share them. Each costs a third of a millisecond.
const maxRules = 2000

// classifiers holds one classifier for each set of operator's rules: most agents
// have none, and share one.
type classifiers map[string]*classify.Classifier

func (known classifiers) has(rules []detect.Rule) bool { return known[keyOf(rules)] != nil }

func keyOf(rules []detect.Rule) string {
	var key strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&key, "%q %q %q %q\n", r.Name, r.Expr, r.Not, r.Type)
	}
	return key.String()
}

func (known classifiers) of(all []detect.Rule) (*classify.Classifier, hcl.Diagnostics) {
	key := keyOf(all)
	if c := known[key]; c != nil {
		return c, nil
	}
	c, diags := compile(all)
	known[key] = c
	return c, diags
}

// CheckAttach reports why a process cannot be attached to, before anything begins.
func CheckAttach(a config.Attach) error { return supervisor.Find(a) }

// compile builds the classifier of one agent: its own rules come first.
func compile(all []detect.Rule) (*classify.Classifier, hcl.Diagnostics) {
	var own []rules.Rule
	for _, r := range all {
		if err := classify.Check(r.Rule); err != nil {
			return nil, hcl.Diagnostics{config.Problem(r.Range, err.Error(), "use fewer and smaller repetitions")}
		}
		own = append(own, r.Rule)
	}
	c, err := classify.New(own)
	if err != nil {
		return nil, hcl.Diagnostics{config.Problem(hcl.Range{}, err.Error(), "use fewer rules")}
	}
	return c, nil
}

// FindProgram is the file that an agent is executed from.
func FindProgram(a config.Agent) (string, error) { return LookUp(a, a.Command[0]) }

// LookUp is the file of a program that an agent would execute by that name.
func LookUp(a config.Agent, name string) (string, error) {
	path, ok := a.Env["PATH"]
	if !ok {
		path = os.Getenv("PATH")
	}
	return fsys.LookPath(name, path, a.Dir)
}

// checkCommand looks for the program and the directory before anything starts.
func checkCommand(a config.Agent) hcl.Diagnostics {
	if len(a.Command) == 0 {
		return nil
	}
	if info, err := os.Stat(a.Dir); a.Dir != "" && (err != nil || !info.IsDir()) {
		return hcl.Diagnostics{config.Problem(a.DirRange, fmt.Sprintf("dir of agent %q is no directory: %s", a.Name, a.Dir), "create it or correct the path")}
	}
	if _, err := FindProgram(a); err != nil {
		hint := "install it, correct the name, or set PATH in env"
		if filepath.Base(a.Command[0]) != a.Command[0] {
			hint = "correct the path or make the file executable"
		}
		return hcl.Diagnostics{config.Problem(a.CommandRange, fmt.Sprintf("cannot run %q: %v", a.Command[0], err), hint)}
	}
	return nil
}

func HealingOf(agents []Agent) []heal.Policy {
	all := make([]heal.Policy, 0, len(agents))
	for _, a := range agents {
		all = append(all, a.Agent.Heal)
	}
	return all
}
