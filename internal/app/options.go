package app

import (
	"io"
	"os"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/config"
)

// Options say what a sidecar runs and where it keeps its state.
type Options struct {
	Policy *config.Policy
	// Config is where the policy was read; empty for a wrapped command.
	Config string
	// StateDir is the private folder of this sidecar.
	StateDir string
	Version  string
	Log      hclog.Logger
	// Signals are the signals that our process gets.
	Signals <-chan os.Signal
	// Wrapped says that we stand for one command on a terminal: its output is
	// shown, and its final code is ours even when we are told to stop.
	Wrapped  bool
	Out, Err io.Writer
	// In is what the agents read; nil for nothing.
	In *os.File
}
