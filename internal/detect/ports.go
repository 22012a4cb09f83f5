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
	// Wished tells that the agent wants to be started anew.
	Wished(agent string, run int)
	// SafePoint tells whether the agent can be interrupted now.
	SafePoint(agent string, run int, safe bool)
	// Ready tells that a run may be used, or may not any more.
	Ready(agent string, run int, usable bool)
	// Exited tells of every end; failure is set when it was one.
	Exited(agent string, exit heal.Exit, ordered bool, failure *heal.Signal)
}

// Text judges lines of output.
type Text interface {
	// Block calls each for the lines of a block that are by themselves the sign of a
	// failure. It asks may before it judges a suspicious one, and leaves it if not; own says
	// that it holds what a rule of the operator looks for.
	Block(block []byte, may func(own bool) bool, each func(line []byte, m heal.Match))
	// Read takes down what the last lines say, of a program that failed or lives.
	Read(lines []string, dead bool) heal.Testimony
	// Condense picks the lines that are evidence.
	Condense(lines []string) []string
	// Printable neutralises a line and cuts it to limit bytes. Redact takes secrets out of one;
	// Kept does both: what is kept or sent anywhere has gone through it.
	Printable(line []byte, limit int) string
	Redact(line string) string
	Kept(line []byte, limit int) string
}

// Units tells which processes belong to the agents.
type Units interface {
	PIDs() map[string][]int
}
