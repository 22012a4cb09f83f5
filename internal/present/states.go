package present

import (
	"slices"

	"healer-sidecar/internal/heal"
)

// State is one word of the health column and what it means.
type State struct {
	Name    string
	Meaning string
	// Next is what follows by itself.
	Next string
	// NeedsYou says that nothing that helps follows without a person.
	NeedsYou bool
	// rank orders agents: the lowest first.
	rank int
	// commands are what a person may want to do, the most useful first.
	commands []heal.Command
}

// The ranks of states: what waits for a person first, what is well last.
const (
	rankNeedsYou = iota
	rankUnwell
	rankHealing
	rankWaiting
	rankDown
	rankWell
)

// unusual is the state of a process that is there and does not run as it should.
var unusual = State{
	Name: "other", Meaning: "the kernel shows the processes in this state, for example stopped or frozen",
	Next: "detectors judge it", rank: rankUnwell, commands: []heal.Command{heal.CommandRestart, heal.CommandHold},
}

// States are all words of the health column, in the order in which they are shown.
var States = []State{
	{Name: "asking", Meaning: "the policy wants your approval for the next remedy", Next: "without an answer in time, the next remedy that needs none",
		NeedsYou: true, rank: rankNeedsYou, commands: []heal.Command{heal.CommandApprove, heal.CommandRefuse, heal.CommandHold}},
	{Name: "held", Meaning: "left alone until you release it: isolated, on hold, or no start can help", Next: "nothing",
		NeedsYou: true, rank: rankNeedsYou, commands: []heal.Command{heal.CommandRelease, heal.CommandStart, heal.CommandAck}},
	{Name: "gave_up", Meaning: "all remedies failed and the policy says stop (on_limit)", Next: "nothing",
		NeedsYou: true, rank: rankNeedsYou, commands: []heal.Command{heal.CommandStart, heal.CommandHold, heal.CommandAck}},
	{Name: "slow", Meaning: "no remedy has helped; the sidecar tries again at long intervals", Next: "another attempt at the time shown",
		NeedsYou: true, rank: rankNeedsYou, commands: []heal.Command{heal.CommandStart, heal.CommandHold, heal.CommandAck}},
	{Name: "blocked", Meaning: "a rule lets nothing be done: paused, shadow mode, maintenance, a dependency", Next: "healing goes on when the reason ends",
		rank: rankUnwell, commands: []heal.Command{heal.CommandStart, heal.CommandHold, heal.CommandAck}},
	{Name: "gathering", Meaning: "a failure was seen; evidence is being collected", Next: "a diagnosis within a second",
		rank: rankHealing, commands: []heal.Command{heal.CommandHold}},
	{Name: "watching", Meaning: "signs of a failure, not enough to act on", Next: "the incident closes when they do not come again",
		rank: rankHealing, commands: []heal.Command{heal.CommandRestart, heal.CommandHold, heal.CommandAck}},
	{Name: "delayed", Meaning: "the next attempt waits for its time", Next: "the attempt at the time shown",
		rank: rankHealing, commands: []heal.Command{heal.CommandStart, heal.CommandHold, heal.CommandAck}},
	{Name: "acting", Meaning: "a remedy is being carried out", Next: "verification",
		rank: rankHealing, commands: []heal.Command{heal.CommandHold, heal.CommandAck}},
	{Name: "undoing", Meaning: "a remedy that did not help is being taken back", Next: "the next remedy",
		rank: rankHealing, commands: []heal.Command{heal.CommandHold, heal.CommandAck}},
	{Name: "verifying", Meaning: "the remedy is done; it counts only if no failure comes back", Next: "recovered, or the next remedy",
		rank: rankHealing, commands: []heal.Command{heal.CommandHold, heal.CommandAck}},
	{Name: "ordered", Meaning: "an order of a person is being carried out", Next: "the result of the order", rank: rankHealing},
	{Name: "waiting", Meaning: "not started yet: something that it depends on is not ready", Next: "it starts when that is ready",
		rank: rankWaiting, commands: []heal.Command{heal.CommandStart}},
	{Name: "starting", Meaning: "the process is being started", Next: "healthy, or an incident", rank: rankWaiting},
	{Name: "stopped", Meaning: "a person stopped it; it stays stopped, also after a reboot", Next: "nothing",
		rank: rankDown, commands: []heal.Command{heal.CommandStart}},
	{Name: "finished", Meaning: "it ended with a success code", Next: "nothing", rank: rankDown, commands: []heal.Command{heal.CommandStart}},
	{Name: "healthy", Meaning: "it runs and no detector sees a failure", Next: "nothing", rank: rankWell},
	unusual,
}

// StateOf finds a state by its word.
func StateOf(name string) State {
	i := slices.IndexFunc(States, func(s State) bool { return s.Name == name })
	if i < 0 {
		return unusual
	}
	return States[i]
}
