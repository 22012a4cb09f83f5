package config

import (
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/heal"
)

// Policy is everything that one file or directory says.
type Policy struct {
	Agents []Agent
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
	Dir     string
	Stop    Stop
	// Keep says that the agent goes on when the sidecar is told to end.
	Keep    bool
	Limits  Limits
	Ready   Ready
	Detects []Block
	Heal    heal.Policy
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
}

// Ready says when an agent that was started may be used: when all that is named
// here holds.
type Ready struct {
	// After is the least uptime.
	After time.Duration
	// File must exist, TCP must accept a connection; empty for neither.
	File, TCP string
}

// Limits bound the resources of an agent from its start; zero means none.
type Limits struct {
	// Memory in bytes, CPU in percent of one core, PIDs as a count.
	Memory uint64
	CPU    float64
	PIDs   int64
}

// Block is a block that somebody else decodes.
type Block struct {
	Kind, Label string
	Body        hcl.Body
	Range       hcl.Range
}

// Notify is one way to reach people: a command or a webhook.
type Notify struct {
	Name string
	// Command gets the notice as JSON on its input and as HEALER_ variables.
	Command []string
	Dir     string
	// URL takes the notice as a JSON POST; redirects are not followed.
	URL     string
	Timeout time.Duration
}

// DefaultStop is the ladder of an agent whose policy names none.
var DefaultStop = Stop{Signal: "SIGTERM", Grace: 10 * time.Second}
