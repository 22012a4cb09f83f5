package heal

import "time"

// EventKind names what a journal record tells.
type EventKind string

// The kinds of event, in the order in which one incident produces them.
const (
	EventSidecarStarted EventKind = "sidecar_started"
	EventSidecarStopped EventKind = "sidecar_stopped"
	EventStarted        EventKind = "agent_started"
	EventAdopted        EventKind = "agent_adopted"
	EventReady          EventKind = "agent_ready"
	EventExited         EventKind = "agent_exited"
	EventFinished       EventKind = "agent_finished"
	EventSignal         EventKind = "signal"
	EventOpened         EventKind = "incident_opened"
	EventDiagnosed      EventKind = "diagnosed"
	EventPlanned        EventKind = "planned"
	EventAttempt        EventKind = "attempt_started"
	EventResult         EventKind = "attempt_finished"
	EventOutcome        EventKind = "outcome"
	EventLesson         EventKind = "lesson"
	EventClosed         EventKind = "incident_closed"
	EventHeld           EventKind = "held"
	EventReleased       EventKind = "released"
	EventReset          EventKind = "reset"
	EventSlow           EventKind = "slow_mode"
	EventGaveUp         EventKind = "gave_up"
	EventCommand        EventKind = "command"
	EventOrderDone      EventKind = "order_done"
	EventOrderFailed    EventKind = "order_failed"
	EventPaused         EventKind = "paused"
	EventPolicy         EventKind = "policy_replaced"
	EventHeard          EventKind = "heard"
	EventAsked          EventKind = "asked"
	EventAlarm          EventKind = "alarm"
	EventSnapshot       EventKind = "snapshot"
	EventBaseline       EventKind = "baseline"
	EventUsage          EventKind = "usage"
	EventSpend          EventKind = "spend"
	EventNote           EventKind = "note"
)

// EventKinds lists all kinds.
var EventKinds = []EventKind{
	EventSidecarStarted, EventSidecarStopped, EventStarted, EventAdopted, EventReady, EventExited,
	EventFinished, EventSignal, EventOpened, EventDiagnosed, EventPlanned, EventAttempt,
	EventResult, EventOutcome, EventLesson, EventClosed, EventHeld, EventReleased, EventReset,
	EventSlow, EventGaveUp, EventCommand, EventOrderDone, EventOrderFailed, EventPaused, EventPolicy, EventHeard, EventAsked, EventAlarm, EventSnapshot, EventBaseline,
	EventUsage, EventSpend, EventNote,
}

// Event is one journal record. Fields that do not belong to its kind are empty.
type Event struct {
	Seq      uint64     `json:"seq"`
	At       Stamp      `json:"at"`
	Kind     EventKind  `json:"kind"`
	Agent    string     `json:"agent,omitempty"`
	Incident string     `json:"incident,omitempty"`
	Signal   *Signal    `json:"signal,omitempty"`
	Diag     *Diagnosis `json:"diagnosis,omitempty"`
	Plan     *Plan      `json:"plan,omitempty"`
	Attempt  *Attempt   `json:"attempt,omitempty"`
	Result   *Result    `json:"result,omitempty"`
	Outcome  Outcome    `json:"outcome,omitempty"`
	Lesson   *Lesson    `json:"lesson,omitempty"`
	Command  *Order     `json:"command,omitempty"`
	Shared   []Shared   `json:"shared,omitempty"`
	// Healthy is what a run that was healthy teaches.
	Healthy *HealthyRun `json:"healthy,omitempty"`
	Run     *RunFact    `json:"run,omitempty"`
	Exit    *Exit       `json:"exit,omitempty"`
	Boot    string      `json:"boot,omitempty"`
	On      *bool       `json:"on,omitempty"`
	// Usage is what was used, Spend a change of a limit of that.
	Usage *Usage     `json:"usage,omitempty"`
	Spend *SpendMark `json:"spend,omitempty"`
	// Up says that a reset takes back a stop.
	Up   bool   `json:"up,omitempty"`
	Note string `json:"note,omitempty"`
	// Took is the time an incident was open, or slow mode will wait.
	Took time.Duration `json:"took,omitempty"`
}

// RunFact identifies one incarnation of an agent: a pid is (pid, start ticks,
// boot id), never the bare number.
type RunFact struct {
	Run         int    `json:"run"`
	ID          string `json:"id"`
	PID         int    `json:"pid"`
	StartTicks  uint64 `json:"start_ticks"`
	Boot        string `json:"boot"`
	Containment string `json:"containment,omitempty"`
	// Attached says that something else had started it.
	Attached bool `json:"attached,omitempty"`
	// Cgroup is the folder of the run's own v2 cgroup.
	Cgroup string `json:"cgroup,omitempty"`
	// Namespace is the file of the network namespace that it was started in; empty for
	// that of the host.
	Namespace string `json:"namespace,omitempty"`
}

// Found is what became of a run while no sidecar watched it.
type Found struct {
	State FoundState `json:"state"`
	// Why tells what the state was concluded from.
	Why string `json:"why,omitempty"`
	// Run is the one that was found alive; nil for none.
	Run *RunFact `json:"run,omitempty"`
}

// FoundState is the truth about a run that an earlier sidecar started.
type FoundState string

// The states in which a run may be found.
const (
	// FoundNone: there was no run.
	FoundNone FoundState = ""
	// FoundAlive: two witnesses agree that it runs; it was adopted.
	FoundAlive FoundState = "alive"
	// FoundGone: nothing of it is left.
	FoundGone FoundState = "gone"
	// FoundRebooted: the machine was started since.
	FoundRebooted FoundState = "rebooted"
	// FoundAmbiguous: the witnesses disagree; nothing may be started.
	FoundAmbiguous FoundState = "ambiguous"
)
