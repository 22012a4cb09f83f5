package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"healer-sidecar/internal/heal"
)

// validName is what an agent may be called: it becomes a folder and a cgroup.
// ValidName reports whether an agent may be called so.
func ValidName(name string) bool { return validName.MatchString(name) }

var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$`)

var stopSignals = []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL"}

func decode(body hcl.Body) (*Policy, hcl.Diagnostics) {
	f := Open(body, []string{"state_dir"}, BlockType{"defaults", 0}, BlockType{"agent", 1}, BlockType{"dependency", 1}, BlockType{"notify", 1}, BlockType{"host", 0}, BlockType{"page", 0}, BlockType{"metrics", 0}, BlockType{"access", 0}, BlockType{"otlp", 0}, BlockType{"telemetry", 0}, BlockType{"price", 1}, BlockType{"fleet", 0})
	p := &Policy{Host: heal.DefaultHost()}
	f.Text("state_dir", &p.StateDir)
	p.StateDir = Under(filepath.Dir(f.Range("state_dir").Filename), p.StateDir)
	expansion, diags := takeDefaults(f.Blocks)
	f.Diags = append(f.Diags, diags...)
	seen := map[string]hcl.Range{}
	for _, b := range expansion.blocks(f) {
		if len(p.Agents) >= maxAgents {
			return p, append(f.Diags, tooLarge(b.DefRange, fmt.Sprintf("%d agents", maxAgents)))
		}
		key := titleOf(b)
		if first, ok := seen[key]; ok {
			f.Diags = append(f.Diags, Problem(b.DefRange, key+" is defined twice",
				fmt.Sprintf("the first is at %s:%d; give one of them another name", first.Filename, first.Start.Line)))
			continue
		}
		seen[key] = b.DefRange
		f.Diags = append(f.Diags, p.decodeBlock(b)...)
	}
	expansion.depends(p.Agents)
	for i := range p.Agents { // its own go before those of all
		s := &p.Agents[i].Heal.Spend
		s.Prices = append(s.Prices[:len(s.Prices):len(s.Prices)], p.Prices...)
	}
	return p, slices.Concat(once(f.Diags), checkDepends(p.Agents, p.Dependencies), checkNamespaces(p.Agents))
}

// titleOf is a block's type, and its label where it has one.
func titleOf(b *hcl.Block) string {
	if len(b.Labels) == 0 {
		return b.Type
	}
	return fmt.Sprintf("%s %q", b.Type, b.Labels[0])
}

func (p *Policy) decodeBlock(b *hcl.Block) hcl.Diagnostics {
	switch b.Type {
	case "agent":
		a, diags := decodeAgent(b)
		p.Agents = append(p.Agents, a)
		return diags
	case "host":
		return decodeHost(b.Body, &p.Host)
	case "page":
		return decodePage(b.Body, &p.Page)
	case "otlp":
		return decodeOTLP(b, &p.OTLP)
	case "telemetry":
		return decodeTelemetry(b.Body, &p.Telemetry)
	case "price":
		price, diags := decodePrice(b)
		p.Prices = append(p.Prices, price)
		return diags
	case "access":
		return decodeAccess(b, &p.Access)
	case "fleet":
		p.Host.Fleet = true
		return decodeFleet(b, &p.Fleet)
	case "metrics":
		return decodeMetrics(b.Body, &p.Metrics)
	case "dependency":
		d, diags := decodeDependency(b)
		p.Dependencies = append(p.Dependencies, d)
		return diags
	}
	n, diags := decodeNotify(b)
	p.Notify = append(p.Notify, n)
	return diags
}

// agentAttributes and agentBlocks are what an agent may hold beside detectors and remedies.
var (
	agentAttributes = []string{
		"command", "env", "env_file", "dir", "tty", "production", "critical", "class", "repeatable", "dependents",
		"on_sidecar_exit", "depends_on", "credentials",
	}
	agentBlocks = []BlockType{
		{"stop", 0}, {"ready", 0}, {"attach", 0}, {"limits", 0}, {"output", 0}, {"isolate", 0}, {"safe_point", 0}, {"heal", 0},
		{"resume", 0}, {"spend", 0},
	}
)

func decodeAgent(b *hcl.Block) (Agent, hcl.Diagnostics) {
	whole, diags := withProfile(b.Body)
	detects, body := split(whole, "detect")
	f := Open(body, agentAttributes, slices.Concat(agentBlocks, remedyBlocks)...)
	a := Agent{Name: b.Labels[0], Stop: DefaultStop, Output: DefaultOutput, Isolate: DefaultIsolate, Heal: heal.DefaultPolicy(b.Labels[0]), Range: b.DefRange, CommandRange: f.Range("command")}
	f.Diags = append(f.Diags, diags...)
	if !validName.MatchString(a.Name) {
		f.Diags = append(f.Diags, Problem(b.LabelRanges[0], fmt.Sprintf("%q is no name for an agent", a.Name), "use up to 64 letters, digits, dots, dashes and underscores"))
	}
	f.Texts("command", &a.Command)
	if f.Has("command") && (len(a.Command) == 0 || a.Command[0] == "") && !f.Diags.HasErrors() {
		f.Wrong("command", "command is empty", `name a program, as in command = ["python3", "agent.py"]`)
	}
	f.once("attach", func(inner hcl.Body) hcl.Diagnostics {
		a.Attach = &Attach{}
		return decodeAttach(inner, b.DefRange.Filename, a.Attach)
	})
	if !f.Has("command") && a.Attach == nil {
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("agent %q has no command", a.Name), `add command = ["program", "argument"]`))
	}
	f.TextMap("env", &a.Env)
	f.envFiles(b, &a.EnvFiles)
	f.directory(b, &a.Dir)
	a.DirRange = f.Range("dir")
	f.Flag("tty", &a.TTY)
	f.Flag("production", &a.Production)
	f.Flag("critical", &a.Heal.Critical)
	f.Text("class", &a.Heal.Class)
	repeatable := true
	f.Flag("repeatable", &repeatable)
	a.Heal.Unrepeatable = !repeatable
	f.Count("dependents", 0, 10000, &a.Heal.Dependents)
	if a.Attach != nil {
		a.Heal.Unfit = a.Attach.Unfit(a.Command)
	}
	f.Texts("depends_on", &a.Heal.DependsOn)
	a.DependsRange = f.Range("depends_on")
	f.Texts("credentials", &a.Credentials)
	for i, path := range a.Credentials {
		a.Credentials[i] = Under(a.Dir, path)
	}
	f.Choice("on_sidecar_exit", []string{Keep, Stopped}, &a.OnSidecarExit)
	f.once("stop", func(inner hcl.Body) hcl.Diagnostics { return decodeStop(inner, &a.Stop) })
	f.once("ready", func(inner hcl.Body) hcl.Diagnostics { return decodeReady(inner, a.Dir, &a.Ready) })
	f.once("limits", func(inner hcl.Body) hcl.Diagnostics { return decodeLimits(inner, &a.Limits) })
	f.once("output", func(inner hcl.Body) hcl.Diagnostics { return decodeOutput(inner, &a.Output) })
	f.once("isolate", func(inner hcl.Body) hcl.Diagnostics { return decodeIsolate(inner, &a.Isolate) })
	f.once("heal", func(inner hcl.Body) hcl.Diagnostics { return decodeHeal(inner, &a.Heal) })
	f.once("safe_point", func(inner hcl.Body) hcl.Diagnostics { return decodeSafePoint(inner, &a) })
	f.once("resume", func(inner hcl.Body) hcl.Diagnostics { return decodeResume(inner, &a) })
	f.remedies(&a)
	for _, d := range detects {
		if n := len(d.Labels); n < 1 || n > 2 {
			f.Diags = append(f.Diags, Problem(d.DefRange(), "detect needs a kind", `write it as in detect "memory" or detect "log" "stdout"`))
			continue
		}
		a.Detects = append(a.Detects, Block{Kind: d.Labels[0], Label: d.Labels[len(d.Labels)-1], Body: d.Body, Range: d.DefRange()})
	}
	return a, f.Diags
}

// split takes the blocks of one type out of a body: those whose number of labels
// may vary, which a schema cannot say.
func split(body hcl.Body, name string) ([]*hclsyntax.Block, hcl.Body) {
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		return nil, body
	}
	rest := *native
	rest.Blocks = nil
	var taken []*hclsyntax.Block
	for _, b := range native.Blocks {
		if b.Type == name {
			taken = append(taken, b)
		} else {
			rest.Blocks = append(rest.Blocks, b)
		}
	}
	return taken, &rest
}

// envFiles reads env_file; relative ones start at the folder of the policy file.
func (f *Fields) envFiles(b *hcl.Block, into *[]string) {
	f.TextOrTexts("env_file", into)
	for i, path := range *into {
		(*into)[i] = Under(filepath.Dir(b.DefRange.Filename), path)
	}
}

// directory reads dir; a relative one starts at the folder of the policy file.
func (f *Fields) directory(b *hcl.Block, into *string) {
	f.Text("dir", into)
	*into = Under(filepath.Dir(b.DefRange.Filename), *into)
}

// Under is where a path of the policy lies: a relative one starts at dir, one with ~/ at the home of the
// sidecar's user, an empty one names nothing.
func Under(dir, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// once decodes a block that may stand at most once.
func (f *Fields) once(name string, read func(hcl.Body) hcl.Diagnostics) {
	for i, b := range f.Blocks.OfType(name) {
		if i > 0 {
			f.Diags = append(f.Diags, Problem(b.DefRange, name+" is given twice", "merge the two blocks"))
			return
		}
		f.Diags = append(f.Diags, read(b.Body)...)
	}
}

func decodeStop(body hcl.Body, s *Stop) hcl.Diagnostics {
	f := Open(body, []string{"signal", "grace", "drain", "drain_for"})
	f.Choice("signal", stopSignals, &s.Signal)
	f.Duration("grace", 0, &s.Grace)
	f.Choice("drain", stopSignals, &s.Drain)
	f.Duration("drain_for", 100*time.Millisecond, &s.DrainFor)
	return f.Diags
}

func decodeAttach(body hcl.Body, file string, a *Attach) hcl.Diagnostics {
	f := Open(body, []string{"pid", "pidfile", "match", "user", "captured"})
	f.Count("pid", 2, 1<<22, &a.PID)
	f.Text("pidfile", &a.PIDFile)
	a.PIDFile = Under(filepath.Dir(file), a.PIDFile)
	f.Text("match", &a.Match)
	if _, err := regexp.Compile(a.Match); err != nil {
		f.Wrong("match", fmt.Sprintf("match is no expression: %v", err), "use the syntax of RE2")
	}
	f.Text("user", &a.User)
	f.Flag("captured", &a.Captured)
	if f.given("pid", "pidfile", "match") != 1 {
		f.Diags = append(f.Diags, Problem(f.where, "attach names no process, or several", `write one of pid = 4711, pidfile = "agent.pid" or match = "python3 agent[.]py"`))
	}
	return f.Diags
}

func decodeReady(body hcl.Body, dir string, r *Ready) hcl.Diagnostics {
	f := Open(body, []string{"after", "file", "tcp"})
	f.Duration("after", 0, &r.After)
	f.Text("file", &r.File)
	r.File = Under(dir, r.File)
	f.Address("tcp", &r.TCP)
	return f.Diags
}

func decodeLimits(body hcl.Body, l *Limits) hcl.Diagnostics {
	f := Open(body, []string{"memory", "cpu", "pids", "io"})
	f.Size("memory", &l.Memory)
	f.Percent("cpu", &l.CPU)
	f.Size("io", &l.IO)
	pids := 0
	f.Count("pids", 1, 1<<22, &pids)
	l.PIDs = int64(pids)
	return f.Diags
}

func decodeIsolate(body hcl.Body, i *Isolate) hcl.Diagnostics {
	f := Open(body, []string{"by", "network", "namespace", "stack", "timeout"})
	f.Choice("by", []string{ByFreeze, ByKill}, &i.By)
	f.Flag("network", &i.Network)
	f.Text("namespace", &i.Namespace)
	if i.Namespace != "" {
		i.Network, i.Namespace = true, Under(namedNamespaces, i.Namespace)
	}
	f.Texts("stack", &i.Stack)
	f.Duration("timeout", 100*time.Millisecond, &i.Timeout)
	return f.Diags
}

func decodeSafePoint(body hcl.Body, a *Agent) hcl.Diagnostics {
	f := Open(body, []string{"signal", "within"})
	a.SafePoint, a.Heal.AskFor = "SIGUSR1", 30*time.Second
	f.Choice("signal", stopSignals, &a.SafePoint)
	f.Duration("within", 100*time.Millisecond, &a.Heal.AskFor)
	return f.Diags
}

// leastOutput is the least size of an output file: less than that holds no evidence.
const leastOutput = 256 << 10

func decodeOutput(body hcl.Body, o *Output) hcl.Diagnostics {
	f := Open(body, []string{"size", "keep", "max_age", "compress", "reports"})
	f.Size("size", &o.Size)
	if o.Size < leastOutput {
		f.Wrong("size", "size is too small to hold evidence", `write at least size = "256KiB"`)
	}
	f.Count("keep", 0, 1000, &o.Keep)
	f.Duration("max_age", time.Minute, &o.MaxAge)
	f.Flag("compress", &o.Compress)
	f.Flag("reports", &o.Reports)
	return f.Diags
}

func decodeNotify(b *hcl.Block) (Notify, hcl.Diagnostics) {
	f := Open(b.Body, []string{"command", "dir", "url", "alertmanager", "service", "timeout"})
	n := Notify{Name: b.Labels[0], Timeout: 10 * time.Second}
	f.Texts("command", &n.Command)
	f.directory(b, &n.Dir)
	f.URL("url", &n.URL)
	f.URL("alertmanager", &n.Alertmanager)
	f.Text("service", &n.Service)
	f.Duration("timeout", 100*time.Millisecond, &n.Timeout)
	switch given := f.given("command", "url", "alertmanager", "service"); {
	case given == 0 && !f.Diags.HasErrors():
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("notify %q reaches nobody", n.Name), "give it a command, a url, an alertmanager or a service"))
	case given > 1:
		f.Diags = append(f.Diags, Problem(b.DefRange, fmt.Sprintf("notify %q has more than one way", n.Name), "use a notify block for each"))
	}
	return n, f.Diags
}
