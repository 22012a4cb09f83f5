package detect

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

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
	{"memory", "memory of the whole tree: of its cgroup without the cache of files, else the sum of its shares", threshold(heal.Memory)},
	{"cpu", "processor time of the whole tree, 100 % is one core", threshold(heal.CPU)},
	{"fds", "open file descriptors of the whole tree", threshold(heal.FDs)},
	{"threads", "threads of the whole tree", threshold(heal.Threads)},
	{"processes", "processes of the whole tree, ended ones that nobody has waited for included", threshold(heal.Processes)},
	{"zombies", "ended processes of the tree that their parent has not waited for", threshold(heal.Zombies)},
	{"pss", "memory of the whole tree, with its share of what others use too", threshold(heal.PSS)},
	{"connections", "TCP connections of the whole tree", threshold(heal.Connections)},
	{"limit_hits", "forks and memory that a limit of the agent's own cgroup refused", decodeCgroupLimitEvents},
	{"reading", "a number that a command prints, as of the memory of a GPU", decodeCommandMetric},
	{"pressure", "how long processes of this host waited for a resource within a window", decodePressure},
	{"heartbeat", "what the agent has to do again and again: tell us, or touch a file", decodeHeartbeat},
	{"silence", "no output, while nothing is computed, read or written", behaves(5*time.Minute, silent)},
	{"hang", "nothing is done at all, and another sign agrees: output that was steady, a heartbeat, blocked processes", behaves(time.Minute, stalled)},
	{"stopped", "processes that a signal or a debugger holds; always watched", decodeStopped},
	{"input", "an unfinished line of output and a read of the terminal or standard input that blocks; always watched", decodeAsking},
	{"spin", "a core is burnt without any effect", behaves(time.Minute, spinning)},
	{"no_progress", "steps in the output that lead nowhere: the same again, cycles, one failure among others", decodeNoProgress},
	{"session", "what an agent writes about its own turns: stalls, loops, limits, refused credentials, a full context", decodeSession},
	{"probe_http", "an address that must answer with a status below 400", probes(readHTTP, "url")},
	{"probe_tcp", "a port that must accept connections", probes(readTCP, "address")},
	{"probe_grpc", "a port that must serve the health protocol", probes(readGRPC, "address", "service")},
	{"probe_exec", "a command that must end with 0", probes(readExec, "command")},
	{"condition", "several readings together: and, or, in so many of the last looks", decodeCondition},
	{"leak", "a resource that will run out: foretold, and acted upon where the policy consents", decodeLeak},
	{"disk", "used share of the file system that holds a path", threshold(heal.Disk)},
	{"inodes", "used share of the inodes of the file system that holds a path", threshold(heal.Inodes)},
}

// Spec is everything that is detected for one agent.
type Spec struct {
	Agent      string
	Ready      config.Ready
	Output     config.Output
	Exit       Exit
	Logs       []Log
	Thresholds []Threshold
	Checks     []Check
	Probes     []Probe
	Meters     []CommandMetric
	// Ports are those of the addresses that the agent is started with: somebody else may have one of them.
	Ports []int
	// Steps and Sessions are nil where nobody looks at them.
	Steps    *Steps
	Sessions *Sessions
}

// Same reports that another spec detects the same.
func (s Spec) Same(other Spec) bool {
	a, b := s.bare(), other.bare()
	return reflect.DeepEqual(a, b)
}

// bare leaves out where things stand in the policy, and what cannot be compared.
func (s Spec) bare() Spec {
	s.Logs = slices.Clone(s.Logs)
	for i := range s.Logs {
		s.Logs[i].Rules = slices.Clone(s.Logs[i].Rules)
		for j := range s.Logs[i].Rules {
			s.Logs[i].Rules[j].Range = hcl.Range{}
		}
	}
	s.Checks = slices.Clone(s.Checks)
	for i := range s.Checks {
		s.Checks[i].begin = nil
	}
	s.Meters = slices.Clone(s.Meters)
	for i := range s.Meters {
		s.Meters[i].measure = nil
	}
	return s
}

// Rules are the operator's rules of all log blocks, in the order of the policy.
func (s Spec) Rules() []Rule {
	var all []Rule
	for _, l := range s.Logs {
		all = append(all, l.Rules...)
	}
	return all
}

// Decode reads the detect blocks of an agent and adds the defaults: its exit, both streams and
// its zombies are always observed, and its memory when it has a limit.
func Decode(a config.Agent) (Spec, hcl.Diagnostics) {
	s := Spec{Agent: a.Name, Ready: a.Ready, Output: a.Output, Exit: defaultExit(), Logs: []Log{{Name: "stdout"}, {Name: "stderr"}}}
	s.Ports = portsOf(a)
	var diags hcl.Diagnostics
	seen := map[string]bool{}
	for _, b := range a.Detects {
		key := b.Kind + " " + b.Label
		if seen[key] {
			diags = append(diags, config.Problem(b.Range, fmt.Sprintf("detect %q %q is given twice", b.Kind, b.Label), "merge the two blocks or give one another label"))
			continue
		}
		if seen[b.Kind] && slices.Contains(single, b.Kind) {
			diags = append(diags, config.Problem(b.Range, fmt.Sprintf("detect %q is given twice", b.Kind), "an agent has one of this kind; merge the two blocks"))
			continue
		}
		seen[key], seen[b.Kind] = true, true
		diags = append(diags, s.decode(b, a)...)
	}
	s.addCheck(stoppedCheck("stopped"))
	s.addCheck(askingCheck("input"))
	if !s.watches(heal.Zombies) {
		s.Thresholds = append(s.Thresholds, forgotten(a.Limits.PIDs))
	}
	if a.Limits.Memory > 0 && !s.watches(heal.Memory) {
		s.Thresholds = append(s.Thresholds, nearLimit(a.Limits.Memory))
	}
	if a.Limits.Memory > 0 && !s.foretells(heal.Memory) {
		s.Checks = append(s.Checks, leak{Threshold: Threshold{Resource: heal.Memory, Above: float64(a.Limits.Memory)}}.check("leak"))
	}
	if a.Limits.Memory > 0 || a.Limits.PIDs > 0 {
		s.addCgroupLimitEvents("limit_hits")
	}
	return s, diags
}

// single are the kinds of which an agent has one: whatever the label says, a second block would
// take the place of the first.
var single = []string{"exit", "no_progress", "session"}

// decode adds what a block says, and marks it with all of that.
func (s *Spec) decode(b config.Block, a config.Agent) hcl.Diagnostics {
	checks, meters := len(s.Checks), len(s.Meters)
	diags := decodeKind(b, a, s)
	identity := fmt.Sprintf("%s in %q under %+v", b.Identity(), a.Dir, a.Limits)
	for i := range s.Checks[checks:] {
		s.Checks[checks+i].Config = identity
	}
	for i := range s.Meters[meters:] {
		s.Meters[meters+i].Config = identity
	}
	return diags
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

// foretells reports that a check looks at where a resource is going.
func (s Spec) foretells(r heal.Resource) bool {
	return slices.ContainsFunc(s.Checks, func(c Check) bool { return slices.Contains(c.Resources, r) && strings.HasPrefix(c.Name, "leak") })
}

func (s Spec) watches(r heal.Resource) bool {
	for _, t := range s.Thresholds {
		if t.Resource == r {
			return true
		}
	}
	return false
}
