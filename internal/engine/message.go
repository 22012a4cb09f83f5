package engine

import (
	"time"

	"healer-sidecar/internal/heal"
)

// Timer names one of an agent's timers: Keep is the one by which good generations are kept,
// the other drives its incidents.
type Timer struct {
	Agent string
	Keep  bool
}

// Message is one input of the core.
type Message interface{ message() }

// The messages. Everything that happens reaches the core as one of these.
type (
	// SignalSeen is an observation of a detector other than the exit detector.
	SignalSeen struct{ Signal heal.Signal }
	// Started says that a run of an agent began.
	Started struct {
		Agent string
		Run   heal.RunFact
	}
	// Ready says that a run may be used by those that depend on it, or with Lost that it
	// may not any more.
	Ready struct {
		Agent string
		Run   int
		Lost  bool
	}
	// Exited says that a run ended, or could not begin. Ordered ends were asked
	// for; Signal is set when the exit detector calls it a failure.
	Exited struct {
		Agent   string
		Exit    heal.Exit
		Ordered bool
		Signal  *heal.Signal
	}
	// AttemptFinished is the executor's report.
	AttemptFinished struct{ Result heal.Result }
	// TimerDue is a wake-up that the core asked for. One that carries an old
	// generation is late and means nothing.
	TimerDue struct {
		Timer
		Gen int
	}
	// Ordered is a person's command, which was checked. ID names the attempt it becomes.
	Ordered struct {
		ID    string
		Order heal.Order
	}
	// Launch asks for the first start of all agents that should run. Found says what
	// became of the runs of an earlier sidecar, By who started this one.
	Launch struct {
		Found map[string]heal.Found
		By    Starter
	}
	// RestartRequested is an agent's word that it wants to be restarted.
	RestartRequested struct {
		Agent string
		Run   int
	}
	// SafePoint is an agent's word whether it can be interrupted now.
	SafePoint struct {
		Agent string
		Run   int
		Safe  bool
	}
	// CredentialsChanged says that the credentials of an agent have changed.
	CredentialsChanged struct{ Agent string }
	// Changed says that a file or program that an agent is started with has changed.
	Changed struct{ Agent, What string }
	// Used says what an agent used.
	Used struct {
		Agent string
		Usage heal.Usage
	}
	// PortFreed says that what something else had, and the incident of an agent waits for, is
	// free now.
	PortFreed struct{ Agent, Incident string }
	// ProgramBack says that the program of an agent, which could not be executed in an incident,
	// is there again or has changed, or that What is there that the agent said was missing.
	ProgramBack struct{ Agent, Incident, What string }
	// DependencySeen says whether a declared dependency answers; Down is why not.
	DependencySeen struct{ Name, Down string }
	// JournalState says why the disk takes no records; empty when it does.
	JournalState struct{ Failure string }
	// Noted is something worth keeping that changes nothing.
	Noted struct{ Agent, Note string }
	// Swept comes every few seconds. Lag is by how much it was late.
	Swept struct{ Lag time.Duration }
	// Imported is what other hosts have learned.
	Imported struct{ Told []heal.Shared }
	// FleetSaid is what the fleet answers.
	FleetSaid struct{ Answer heal.FleetAnswer }
	// PolicyReplaced swaps what the operator allows.
	PolicyReplaced struct {
		Agents []heal.Policy
		Host   heal.Host
		// Renewed are known agents that must be restarted, because how they are
		// started has changed.
		Renewed []string
		// Found says what became of earlier runs of the new agents.
		Found map[string]heal.Found
		// Note says what is different.
		Note string
	}
)

func (SignalSeen) message()         {}
func (Started) message()            {}
func (Exited) message()             {}
func (AttemptFinished) message()    {}
func (TimerDue) message()           {}
func (Ordered) message()            {}
func (Launch) message()             {}
func (PolicyReplaced) message()     {}
func (Noted) message()              {}
func (JournalState) message()       {}
func (RestartRequested) message()   {}
func (DependencySeen) message()     {}
func (Ready) message()              {}
func (Imported) message()           {}
func (FleetSaid) message()          {}
func (Swept) message()              {}
func (SafePoint) message()          {}
func (CredentialsChanged) message() {}
func (PortFreed) message()          {}
func (ProgramBack) message()        {}
func (Changed) message()            {}
func (Used) message()               {}

// Effect is one thing that the loop must do, in the order in which they are
// returned: a record comes before the act that it records.
type Effect interface{ effect() }

// The effects.
type (
	// Record appends events to the journal; durable ones are on the disk before
	// the next effect.
	Record struct {
		Events  []heal.Event
		Durable bool
	}
	// Sync brings everything that was recorded to the disk.
	Sync struct{}
	// Act hands an attempt to the executor.
	Act struct{ Attempt heal.Attempt }
	// Cancel tells the executor to give an attempt up.
	Cancel struct{ Attempt string }
	// Refuse answers whoever waits for an attempt that will not be made.
	Refuse struct{ Attempt, Why string }
	// AskFleet hands a question to the fleet.
	AskFleet struct{ Ask heal.FleetAsk }
	// WakeAt asks for TimerDue. A later one for the same timer replaces it.
	WakeAt struct {
		Timer
		Gen int
		At  heal.Stamp
	}
)

func (Record) effect()   {}
func (Sync) effect()     {}
func (Act) effect()      {}
func (Cancel) effect()   {}
func (Refuse) effect()   {}
func (WakeAt) effect()   {}
func (AskFleet) effect() {}
