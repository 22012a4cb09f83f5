package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/stdio"
)

// verbKeepStdio is started for a wrapped command. It outlives a sidecar that is killed: without
// it the command would lose its pipes.
func verbKeepStdio(streams) *cobra.Command {
	return &cobra.Command{
		Use:     "keep-stdio",
		Short:   "Copy the standard streams of a wrapped command; the sidecar starts it",
		Example: "  healer-sidecar keep-stdio <&LISTENER",
		Args:    cobra.NoArgs,
		Hidden:  true,
		RunE: func(*cobra.Command, []string) error {
			signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE)
			kernel.ReleaseStartupPages()
			return stdio.Keep(os.Stdin)
		},
	}
}
