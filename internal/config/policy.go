package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"healer-sidecar/internal/heal"
)

// Policy is everything that one file or directory says.
type Policy struct {
	Agents []Agent
	// Dependencies are what agents need outside.
	Dependencies []Dependency
	// Host is what holds for all agents together.
	Host heal.Host
	Served
	// Fleet is the fleet that the host belongs to; nil for none.
	Fleet *Fleet
	// Prices are what tokens cost, for all agents.
	Prices []heal.Price
	// Notify are the ways to reach people, tried in order.
	Notify []Notify
	// StateDir is where the sidecar keeps its state; empty for the default.
	StateDir string
}

// Agent is one supervised program.
type Agent struct {
	Name string
	// Command is an argument list, never a shell line.
	Command []string
	Env     map[string]string
	// EnvFiles hold variables as lines NAME=VALUE, read at each start; Env goes over them.
	EnvFiles []string
	Dir      string
	// TTY gives it a terminal instead of two files.
	TTY  bool
	Stop Stop
	// OnSidecarExit is what becomes of the agent when the sidecar is told to end: keep,
	// stop, or empty for what fits how the sidecar was started.
	OnSidecarExit string
	Limits        Limits
	Output        Output
	Ready         Ready
	// Attach is set for an agent that something else starts.
	Attach  *Attach
	Detects []Block
	// Credentials are files whose change ends a hold for want of rights.
	Credentials []string
	// Production says that it is not drilled by mistake.
	Production bool
	Isolate    Isolate
	// SafePoint is the signal by which it is asked for a point at which it may be
	// interrupted; empty for one that cannot be asked.
	SafePoint string
	Remedies
	Heal heal.Policy
	// Range is where the block stands in the policy.
	Range hcl.Range
	// CommandRange, DirRange and DependsRange are where the command, dir and depends_on
	// stand.
	CommandRange, DirRange, DependsRange hcl.Range
}

// Stop says how to end an agent: Signal to the whole tree, and KILL when
// something is left after Grace.
type Stop struct {
	Signal string
	Grace  time.Duration
	// Drain is the signal that asks the leader to bring its work to an end before, and
	// DrainFor how long that may take; empty for none.
	Drain    string
	DrainFor time.Duration
}

// Isolate says how an agent is held that has done what it must not.
type Isolate struct {
	// By is freeze, or kill for one that must not keep its memory.
	By string
	// Network says that it is cut off the network as well.
	Network bool
	// Namespace is the file of the network namespace that it is started in, of which it is
	// the only inhabitant; empty for that of the host.
	Namespace string
	// Stack prints the stack of a process for the evidence, within Timeout; {pid} in its
	// arguments becomes the number of that process.
	Stack   []string
	Timeout time.Duration
}

// How an agent is isolated.
const (
	ByFreeze = "freeze"
	ByKill   = "kill"
)

// DefaultIsolate holds for an agent whose policy says nothing.
var DefaultIsolate = Isolate{By: ByFreeze, Timeout: 5 * time.Second}

// Ready says when an agent that was started may be used: when all that is named
// here holds.
type Ready struct {
	// After is the least uptime.
	After time.Duration
	// File must exist, TCP must accept a connection; empty for neither.
	File, TCP string
}

// Output says how much of an agent's output stays on the disk.
type Output struct {
	// Size in bytes of what at least stays in each stream's file, and of one archive.
	Size uint64
	// Keep is the number of archives for each stream, MaxAge their greatest age; zero
	// for no limit of age.
	Keep   int
	MaxAge time.Duration
	// Compress packs archives with gzip.
	Compress bool
	// Reports says that lines which begin with @healer and the token of the run are reports of
	// the agent. They stand beside everything that an agent merely quotes.
	Reports bool
}

// DefaultOutput is what an agent without an output block keeps.
var DefaultOutput = Output{Size: 8 << 20, Keep: 3, Compress: true}

// What may become of an agent when its sidecar is told to end.
const (
	Keep    = "keep"
	Stopped = "stop"
)

// Attach says which process is meant; exactly one of PID, PIDFile and Match is set.
type Attach struct {
	PID            int
	PIDFile, Match string
	// User owns the process; empty for the sidecar's own user.
	User string
	// Captured consents to start it again as it was started: with the arguments, the
	// directory and the environment that it had.
	Captured bool
}

// Unfit says which strategies an attached agent rules out: nothing may be ended that
// nobody here can start again.
func (a Attach) Unfit(command []string) map[heal.Strategy]string {
	if len(command) > 0 || a.Captured {
		return nil
	}
	why := map[heal.Strategy]string{heal.Restart: "attached: no command, and no consent to start it as it was started, is declared"}
	if a.PID != 0 {
		why[heal.Retry] = "attached by its number: what comes after it has another one"
		why[heal.WaitAndRetry] = why[heal.Retry]
	}
	return why
}

// Limits bound the resources of an agent from its start; zero means none.
type Limits struct {
	// Memory in bytes, CPU in percent of one core, PIDs as a count, IO in bytes a second,
	// read and written, of each disk.
	Memory uint64
	CPU    float64
	PIDs   int64
	IO     uint64
}

// Block is a block that somebody else decodes.
type Block struct {
	Kind, Label string
	Body        hcl.Body
	Range       hcl.Range
}

// Title names the block: its kind, and its label where it has one.
func (b Block) Title() string {
	if b.Label == b.Kind {
		return b.Kind
	}
	return b.Kind + " " + b.Label
}

// Identity is everything that the block says, wherever it stands: two blocks with the same identity
// mean the same. What cannot be evaluated is told by the decoder.
func (b Block) Identity() string {
	body, ok := b.Body.(*hclsyntax.Body)
	if !ok {
		return b.Title()
	}
	return b.Title() + identity(body)
}

func identity(body *hclsyntax.Body) string {
	var all []string
	for name, a := range body.Attributes {
		v, _ := a.Expr.Value(nil)
		all = append(all, fmt.Sprintf("%s=%#v", name, v))
	}
	for _, b := range body.Blocks {
		all = append(all, fmt.Sprintf("%s%q%s", b.Type, b.Labels, identity(b.Body)))
	}
	slices.Sort(all)
	return "{" + strings.Join(all, ";") + "}"
}

// Served is what is open to others, or sent to them, from the start of the sidecar to its end.
type Served struct {
	// Page and Metrics are served where they have an address.
	Page    Page
	Metrics Metrics
	// OTLP is the address of a collector; empty for none.
	OTLP string
	// Telemetry is taken from agents where it is on.
	Telemetry Telemetry
	// Access is who may use the sidecar beside root and its own user.
	Access Access
}

// Page is the page for people, on loopback.
type Page struct {
	Listen string
	// Hosts are further names by which it may be asked for, as by a tunnel.
	Hosts []string
	// AllowActions lets it give orders.
	AllowActions bool
}

// Access opens a socket for others.
type Access struct {
	Socket           string
	Read, Act, Admin People
}

// People are users and groups by number.
type People struct{ UIDs, GIDs []int }

// Metrics is where a Prometheus may ask.
type Metrics struct {
	Listen string
	Hosts  []string
}

// Notify is one way to reach people: a command or a webhook.
type Notify struct {
	Name string
	// Command gets the notice as JSON on its input and as HEALER_ variables.
	Command []string
	Dir     string
	// URL takes the notice as a JSON POST; redirects are not followed. Alertmanager is the
	// address of one, Service that of a chat, mail or push service.
	URL, Alertmanager, Service string
	Timeout                    time.Duration
}

// DefaultStop is the ladder of an agent whose policy names none.
var DefaultStop = Stop{Signal: "SIGTERM", Grace: 10 * time.Second, DrainFor: 30 * time.Second}
