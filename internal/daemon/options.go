package daemon

import (
	"io"
	"os"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/logging"
	"healer-sidecar/internal/stdio"
)

// Options say what a sidecar runs and where it keeps its state.
type Options struct {
	Policy *config.Policy
	// Config is where the policy was read; empty for a wrapped command.
	Config string
	// StateDir is the private folder of this sidecar.
	StateDir string
	// StateChosen says that a person named it: then it is that one or none. For a wrapped
	// command another one is used when it cannot be had.
	StateChosen bool
	Version     string
	Log         *logging.Log
	// Signals are the signals that our process gets.
	Signals <-chan os.Signal
	// Wrapped says that we stand for one command on a terminal: its output is
	// shown, and its final code is ours even when we are told to stop.
	Wrapped bool
	// Dev says that somebody works on the command: it is restarted when a file below
	// the present directory changes, and waited for when it has ended.
	Dev bool
	// DevFiles are the files that count for Dev.
	DevFiles follow.Selection
	// In, Out and Err are our own; In is nil when a wrapped command may not read it.
	In       *os.File
	Out, Err io.Writer
	// Output shows what the agents of a policy print, each line after the name of its agent.
	Output bool
	// LiveInput gives every run of a wrapped command our own input instead of a record of it.
	LiveInput bool
	// MCP says that the wrapped command is an MCP server on its standard streams.
	MCP bool
	// TTY says whether a wrapped command gets a terminal.
	TTY stdio.TTY
}
