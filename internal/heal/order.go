package heal

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Command is what a person may ask for. Everything else is refused where it arrives.
type Command string

// The commands.
const (
	CommandStart   Command = "start"
	CommandStop    Command = "stop"
	CommandRestart Command = "restart"
	CommandRelease Command = "release"
	// CommandHold leaves an agent as it is and unhealed, CommandIsolate freezes it; both until
	// CommandRelease.
	CommandHold    Command = "hold"
	CommandIsolate Command = "isolate"
	CommandPause   Command = "pause"
	CommandResume  Command = "resume"
	CommandUpgrade Command = "upgrade"
	CommandReload  Command = "reload"
	// CommandShutdown ends the sidecar and the agents that it has started.
	CommandShutdown Command = "shutdown"
	// CommandPin puts a strategy first for a failure, CommandForget drops what was learned
	// of one.
	CommandPin    Command = "pin"
	CommandForget Command = "forget"
	// CommandApprove and CommandRefuse answer a question.
	CommandApprove Command = "approve"
	CommandRefuse  Command = "refuse"
	// CommandAck says that a person knows of an incident and needs to be told no more.
	CommandAck Command = "ack"
	// CommandSnapshot keeps a good generation of what an agent declares, CommandRestore puts
	// one back.
	CommandSnapshot Command = "snapshot"
	// CommandDrill says that a fault is put into an agent on purpose, within Order.For; without a
	// time, that this is over.
	CommandDrill   Command = "drill"
	CommandRestore Command = "restore"
	// CommandSend types Order.Text at the terminal of an agent; without a text it says that somebody
	// is about to type there.
	CommandSend Command = "send"
)

// longestText bounds what is typed by one order.
const longestText = 32 << 10

// Subject is what an order is about.
type Subject int

// The subjects: everything that is supervised, one agent, one open incident, or what was learned
// about one failure.
const (
	SubjectAll Subject = iota
	SubjectAgent
	SubjectIncident
	SubjectFailure
)

// commandSpec is what must be known of a command.
type commandSpec struct {
	command Command
	subject Subject
	// admin commands change what the sidecar is or knows, or put an earlier state back.
	admin bool
}

// commandSpecs are all commands: what is not in this list does not exist for anybody outside.
var commandSpecs = []commandSpec{
	{CommandStart, SubjectAgent, false},
	{CommandStop, SubjectAgent, false},
	{CommandRestart, SubjectAgent, false},
	{CommandRelease, SubjectAgent, false},
	{CommandHold, SubjectAgent, false},
	{CommandIsolate, SubjectAgent, false},
	{CommandSnapshot, SubjectAgent, false},
	{CommandRestore, SubjectAgent, true},
	{CommandDrill, SubjectAgent, true},
	{CommandSend, SubjectAgent, true},
	{CommandPause, SubjectAll, false},
	{CommandResume, SubjectAll, false},
	{CommandReload, SubjectAll, true},
	{CommandUpgrade, SubjectAll, true},
	{CommandShutdown, SubjectAll, true},
	{CommandApprove, SubjectIncident, false},
	{CommandRefuse, SubjectIncident, false},
	{CommandAck, SubjectIncident, false},
	{CommandPin, SubjectFailure, true},
	{CommandForget, SubjectFailure, true},
}

// Commands lists all commands.
func Commands() []Command {
	all := make([]Command, len(commandSpecs))
	for i, s := range commandSpecs {
		all[i] = s.command
	}
	return all
}

func (c Command) spec() (commandSpec, bool) {
	i := slices.IndexFunc(commandSpecs, func(s commandSpec) bool { return s.command == c })
	if i < 0 {
		return commandSpec{admin: true}, false
	}
	return commandSpecs[i], true
}

// Subject is what orders with the command are about.
func (c Command) Subject() Subject {
	s, _ := c.spec()
	return s.subject
}

// Admin reports that only an administrator may give the command; an unknown one is for nobody
// else.
func (c Command) Admin() bool {
	s, _ := c.spec()
	return s.admin
}

// Order is an operator's command with the person who gave it.
type Order struct {
	Command Command `json:"command"`
	Agent   string  `json:"agent,omitempty"`
	// Fingerprint and Strategy are those of an order about what was learned; Class is the
	// agent's.
	Fingerprint string   `json:"fingerprint,omitempty"`
	Strategy    Strategy `json:"strategy,omitempty"`
	Class       string   `json:"class,omitempty"`
	// Generation is the good one that is to be put back; 0 for the latest.
	Generation int `json:"generation,omitempty"`
	// Incident is the one that an answer is about.
	Incident string `json:"incident,omitempty"`
	// Text is what is typed. It is never recorded: it may be a password.
	Text string `json:"text,omitempty"`
	// For is how long a drill lasts at most.
	For time.Duration `json:"for,omitempty"`
	// Reason is why a person wants it, in words.
	Reason string `json:"reason,omitempty"`
	// Via is how it came, where that is not the socket.
	Via string `json:"via,omitempty"`
	UID int    `json:"uid"`
	PID int    `json:"pid"`
}

// longestDrill bounds how long failures of an agent may be taken for those of a drill.
const longestDrill = time.Hour

// Check refuses what is not an order: an unknown command, or one without what it is about.
func (o Order) Check() error {
	s, known := o.Command.spec()
	if !known {
		var names []string
		for _, c := range Commands() {
			names = append(names, string(c))
		}
		return fmt.Errorf("cannot carry out order %q: orders are %s", o.Command, strings.Join(names, ", "))
	}
	missing := func(what string) error { return fmt.Errorf("cannot carry out order %q: %s", o.Command, what) }
	switch {
	case s.subject == SubjectAgent && o.Agent == "":
		return missing("it names no agent")
	case s.subject == SubjectIncident && o.Incident == "":
		return missing("it names no incident")
	case s.subject == SubjectFailure && (o.Agent == "" || o.Fingerprint == ""):
		return missing("it names no agent or no fingerprint")
	case o.Command == CommandPin && !slices.ContainsFunc(Profiles, func(p Profile) bool { return p.Strategy == o.Strategy }):
		return missing(fmt.Sprintf("%q is not a strategy", o.Strategy))
	case o.For < 0 || o.For > longestDrill:
		return missing(fmt.Sprintf("a drill lasts up to %s", longestDrill))
	case len(o.Text) > longestText:
		return missing(fmt.Sprintf("the text is longer than %d bytes", longestText))
	case o.Generation < 0:
		return missing("a generation has a number above 0")
	}
	return nil
}

// Task is what the executor does beside the strategies. People ask for some of them by an Order;
// nobody can ask for a task itself.
type Task string

// The tasks.
const (
	// TaskLaunch is the sidecar's own first start of an agent, TaskPlanned a start that the
	// agent asked for by its exit.
	TaskLaunch   Task = "launch"
	TaskPlanned  Task = "planned_restart"
	TaskStart    Task = "start"
	TaskStop     Task = "stop"
	TaskRestart  Task = "restart"
	TaskRelease  Task = "release"
	TaskIsolate  Task = "isolate"
	TaskSnapshot Task = "snapshot"
	TaskRestore  Task = "restore"
	// TaskNotify tells people something.
	TaskNotify Task = "notify"
	// TaskAskSafePoint asks an agent for a point at which it may be interrupted.
	TaskAskSafePoint Task = "ask_safe_point"
)

// Tasks lists all tasks.
var Tasks = []Task{
	TaskLaunch, TaskPlanned, TaskStart, TaskStop, TaskRestart, TaskRelease, TaskIsolate, TaskSnapshot, TaskRestore, TaskNotify, TaskAskSafePoint,
}
