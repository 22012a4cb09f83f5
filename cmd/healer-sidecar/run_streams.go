package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/daemon"
	"healer-sidecar/internal/stdio"
)

// streamFlags say what a wrapped command reads and writes.
type streamFlags struct {
	stdin      string
	tty, noTTY bool
	mcp        bool
}

// inputs are the values of --stdin.
const inputRecorded, inputLive = "record", "live"

func (f *streamFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stdin, "stdin", inputRecorded,
		"record: every run of the command reads the same input; live: each reads on where the last one stopped")
	cmd.Flags().BoolVar(&f.mcp, "mcp", false,
		"the command is an MCP server on stdio: read live, and answer what a run that ended left unanswered with an error")
	cmd.Flags().BoolVar(&f.tty, "tty", false, "give the command a terminal (default: when stdin and stdout are one)")
	cmd.Flags().BoolVar(&f.noTTY, "no-tty", false, "give the command no terminal")
}

// put completes the options of a wrapped command.
func (f *streamFlags) put(o *daemon.Options) error {
	switch f.stdin {
	case inputRecorded:
	case inputLive:
		o.LiveInput = true
	default:
		return badInput{fmt.Errorf("cannot run: unknown --stdin %q", f.stdin), "use record or live"}
	}
	o.MCP = f.mcp
	o.LiveInput = o.LiveInput || f.mcp
	switch {
	case f.tty && f.noTTY:
		return badInput{errors.New("cannot run: both --tty and --no-tty are given"), "leave one of them out"}
	case f.tty:
		o.TTY = stdio.TTYAlways
	case f.noTTY:
		o.TTY = stdio.TTYNever
	}
	return nil
}
