package heal

import (
	"fmt"
	"time"
)

// SignalState says what a detector saw. Unknown is a third state: it neither
// raises nor clears anything.
type SignalState string

// The states of a signal.
const (
	Raised       SignalState = "raised"
	Cleared      SignalState = "cleared"
	StateUnknown SignalState = "unknown"
)

// Witness is the kind of observation behind a signal. Text alone never justifies
// a disruptive remedy (law 3).
type Witness string

// The kinds of witness.
const (
	WitnessExit     Witness = "exit"
	WitnessText     Witness = "text"
	WitnessResource Witness = "resource"
	WitnessStart    Witness = "start"
	// WitnessLiveness is what the agent does or leaves undone: heartbeats, silence,
	// spinning, steps that lead nowhere.
	WitnessLiveness Witness = "liveness"
	WitnessProbe    Witness = "probe"
	// WitnessSession is what the runtime of an agent writes about its own turns.
	WitnessSession Witness = "session"
	// WitnessReport is the agent's own word, WitnessForecast what readings foretell.
	WitnessReport   Witness = "report"
	WitnessForecast Witness = "forecast"
)

// Signal is one raw observation by a detector, with its evidence.
type Signal struct {
	At       Stamp       `json:"at"`
	Agent    string      `json:"agent"`
	Run      int         `json:"run"`
	Detector string      `json:"detector"`
	State    SignalState `json:"state"`
	Witness  Witness     `json:"witness"`
	// Urgent marks a forecast that will come true soon, in Left.
	Urgent bool          `json:"urgent,omitempty"`
	Left   time.Duration `json:"left,omitempty"`
	// Probe tells which probe it is of, as the policy writes it; empty for other detectors.
	Probe string `json:"probe,omitempty"`
	// End is the resource that a forecast is about: what is used of it and where it ends.
	End *Reading `json:"end,omitempty"`
	// Vote is what a detector takes its observation to mean.
	Vote *Vote `json:"vote,omitempty"`
	// Critical says that the agent called its operation critical, Retries how often it
	// tried it already.
	Critical bool `json:"critical,omitempty"`
	Retries  int  `json:"retries,omitempty"`
	// Match is what a log rule said about Text.
	Match *Match `json:"match,omitempty"`
	// Unresolved says why a line that only a built-in rule calls a failure is one: what agrees
	// with it. Without it such a line is an observation.
	Unresolved string `json:"unresolved,omitempty"`
	// Templates are the masked forms of the lines behind it. Usual says in how many healthy runs all of
	// them were printed; empty unless that makes them normal.
	Templates []string `json:"templates,omitempty"`
	Usual     string   `json:"usual,omitempty"`
	// Text is the line that raised the signal, neutralised and bounded.
	Text    string   `json:"text,omitempty"`
	Reading *Reading `json:"reading,omitempty"`
	Exit    *Exit    `json:"exit,omitempty"`
	// Lines are the last lines of output when the signal was raised, and Output what
	// they say.
	Lines  []string      `json:"lines,omitempty"`
	Output *TextEvidence `json:"output,omitempty"`
}

// Momentary reports whether the signal tells of an event that is over once it
// was seen, as against a condition that lasts until it is cleared.
func (s Signal) Momentary() bool {
	switch s.Witness {
	case WitnessExit, WitnessStart, WitnessText, WitnessReport:
		return true
	}
	return false
}

// Builtin reports that nothing but a built-in rule on output is behind the signal.
func (s Signal) Builtin() bool {
	return s.Witness == WitnessText && (s.Match == nil || !s.Match.Operator)
}

// Match is the verdict of one classifier rule on one text.
type Match struct {
	Rule       string    `json:"rule"`
	Type       ErrorType `json:"type"`
	Confidence float64   `json:"confidence"`
	// Operator marks a rule written by the operator: it may trigger any remedy.
	Operator bool `json:"operator,omitempty"`
}

// Resource names what a reading measures.
type Resource string

// The resources of the built-in detectors.
const (
	Memory  Resource = "memory"
	CPU     Resource = "cpu"
	FDs     Resource = "fds"
	Threads Resource = "threads"
	Disk    Resource = "disk"

	PSS         Resource = "pss"
	Processes   Resource = "processes"
	Zombies     Resource = "zombies"
	Connections Resource = "connections"
	Inodes      Resource = "inodes"
	// PressureOf begins the names of what this host waits for.
	PressureOf = "pressure of "
	// LimitHits counts how often the tree ran into a limit of its cgroup.
	LimitHits Resource = "limit_hits"
)

// Amount is a value of the resource for people.
func (r Resource) Amount(v float64) string {
	switch r {
	case Memory, PSS:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	case CPU, Disk, Inodes:
		return fmt.Sprintf("%.0f %%", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// Reading is one measured value against its limit, in the unit of the resource:
// bytes, percent of one core, a count, or percent used.
type Reading struct {
	Resource Resource      `json:"resource"`
	Value    float64       `json:"value"`
	Limit    float64       `json:"limit"`
	For      time.Duration `json:"for,omitempty"`
	Path     string        `json:"path,omitempty"`
}

// Exit is how a process ended. Code is meaningful when Signal and Errno are empty.
type Exit struct {
	Code   int    `json:"code"`
	Signal string `json:"signal,omitempty"`
	Core   bool   `json:"core,omitempty"`
	// Unknown says that nobody could learn how it ended: it was not our child.
	Unknown bool `json:"unknown,omitempty"`
	// OOM is true only where a memory cgroup or the kernel proved it.
	OOM bool `json:"oom,omitempty"`
	// Sender is who sent the signal as far as it can be known: us, kernel or unknown.
	Sender string `json:"sender,omitempty"`
	// Errno is set when the program could not be executed at all; EBUSY: something of an
	// earlier run is still alive.
	Errno  string        `json:"errno,omitempty"`
	Uptime time.Duration `json:"uptime,omitempty"`
	// Mapped is the type that the operator's exit code map gives this exit.
	Mapped ErrorType `json:"mapped,omitempty"`
	// Planned says that the agent asked to be run again.
	Planned bool `json:"planned,omitempty"`
	// Unfinished marks a clean exit of an agent that was not done.
	Unfinished bool `json:"unfinished,omitempty"`
}

// Failed reports whether the end by itself says that something went wrong; false for a nil one,
// of a program that lives.
func (e *Exit) Failed() bool {
	return e != nil && (e.Code != 0 || e.Signal != "" || e.Errno != "" || e.OOM || e.Unfinished || e.Unknown)
}
