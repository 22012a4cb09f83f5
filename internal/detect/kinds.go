package detect

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// Kind is one kind of detect block.
type Kind struct {
	Name string
	// Summary is one line for the reference.
	Summary string
	decode  func(config.Block, config.Agent, *Spec) hcl.Diagnostics
}

// Kinds lists what a detect block may be.
var Kinds = []Kind{
	{"exit", "how the agent ends: codes, signals, core dumps, unfinished clean exits", decodeExit},
	{"log", "lines on stdout, stderr or in a log file that tell of a failure", decodeLog},
	{"memory", "resident memory of the whole tree", threshold(heal.Memory)},
	{"cpu", "processor time of the whole tree, 100 % is one core", threshold(heal.CPU)},
	{"fds", "open file descriptors of the whole tree", threshold(heal.FDs)},
	{"threads", "threads of the whole tree", threshold(heal.Threads)},
	{"disk", "used share of the file system that holds a path", threshold(heal.Disk)},
}

// Spec is everything that is detected for one agent.
type Spec struct {
	Agent      string
	Ready      config.Ready
	Output     config.Output
	Exit       Exit
	Logs       []Log
	Thresholds []Threshold
}

// Rules are the operator's rules of all log blocks, in the order of the policy.
func (s Spec) Rules() []Rule {
	var all []Rule
	for _, l := range s.Logs {
		all = append(all, l.Rules...)
	}
	return all
}

// Decode reads the detect blocks of an agent and adds the defaults: its exit and
// both streams are always observed, and its memory when it has a limit.
func Decode(a config.Agent) (Spec, hcl.Diagnostics) {
	s := Spec{Agent: a.Name, Ready: a.Ready, Output: a.Output, Exit: defaultExit(), Logs: []Log{{Name: "stdout"}, {Name: "stderr"}}}
	var diags hcl.Diagnostics
	seen := map[string]bool{}
	for _, b := range a.Detects {
		key := b.Kind + " " + b.Label
		if seen[key] {
			diags = append(diags, config.Problem(b.Range, fmt.Sprintf("detect %q %q is given twice", b.Kind, b.Label), "merge the two blocks or give one another label"))
			continue
		}
		seen[key] = true
		diags = append(diags, decodeKind(b, a, &s)...)
	}
	if a.Limits.Memory > 0 && !s.watches(heal.Memory) {
		s.Thresholds = append(s.Thresholds, nearLimit(a.Limits.Memory))
	}
	return s, diags
}

func decodeKind(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
	var names []string
	for _, k := range Kinds {
		if k.Name == b.Kind {
			return k.decode(b, a, s)
		}
		names = append(names, k.Name)
	}
	return hcl.Diagnostics{config.Problem(b.Range, fmt.Sprintf("%q is no kind of detector", b.Kind), config.Suggest(b.Kind, names))}
}

func (s Spec) watches(r heal.Resource) bool {
	for _, t := range s.Thresholds {
		if t.Resource == r {
			return true
		}
	}
	return false
}
