package detect

import (
	"healer-sidecar/internal/heal"
)

// Sink takes what was observed, in order. It may block.
type Sink interface {
	Signal(heal.Signal)
	Started(agent string, run heal.RunFact)
	// Noted is something worth keeping that is no signal.
	Noted(agent, note string)
	// Wished tells that the agent wants to be restarted.
	Wished(agent string, run int)
	// SafePoint tells whether the agent can be interrupted now.
	SafePoint(agent string, run int, safe bool)
	// Used tells what the agent says that it used.
	Used(agent string, u heal.Usage)
	// Ready tells that a run may be used, or may not any more.
	Ready(agent string, run int, usable bool)
	// Exited tells of every end; failure is set when it was one.
	Exited(agent string, exit heal.Exit, ordered bool, failure *heal.Signal)
}

// Units tells which processes belong to the agents.
type Units interface {
	PIDs() map[string][]int
	// Held are the agents whose processes we hold ourselves.
	Held() map[string]bool
}
