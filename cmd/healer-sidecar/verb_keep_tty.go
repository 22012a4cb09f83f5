package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host"
)

// verbKeepTTY is started for each run of an agent with a terminal. It outlives a
// sidecar that is killed: without it the agent would lose its terminal.
func verbKeepTTY(streams) *cobra.Command {
	return &cobra.Command{
		Use:     "keep-tty",
		Short:   "Copy what an agent writes to its terminal into its output file; the sidecar starts it",
		Example: "  healer-sidecar keep-tty <&TERMINAL >>stdout.log",
		Args:    cobra.NoArgs,
		Hidden:  true,
		RunE: func(*cobra.Command, []string) error {
			signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE)
			host.ReleaseStartupPages()
			host.KeepTTY(os.Stdin, os.Stdout)
			return nil
		},
	}
}
