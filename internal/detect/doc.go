// Package detect observes the agents: how they end, what they print, what they
// use. Every observation becomes a heal.Signal that raises or clears.
//
// One goroutine owns one agent (agent.go) and with it the followed files, the
// last lines and the state of every threshold. A kind of detector is one file
// with its arguments, defaults, decode and pure judge, and one row in kinds.go.
package detect
