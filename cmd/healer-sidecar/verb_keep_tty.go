package main

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/stdio/console"
)

// verbKeepTTY is started for each run of an agent with a terminal. It outlives a
// sidecar that is killed: without it the agent would lose its terminal.
func verbKeepTTY(streams) *cobra.Command {
	return &cobra.Command{
		Use:     "keep-tty FOLDER",
		Short:   "Copy what an agent writes to its terminal into its output file, and let others type there; the sidecar starts it",
		Example: "  healer-sidecar keep-tty /var/lib/healer-sidecar/agents/worker <&TERMINAL >>stdout.log",
		Args:    cobra.ExactArgs(1),
		Hidden:  true,
		RunE: func(_ *cobra.Command, args []string) error {
			signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM, syscall.SIGPIPE)
			kernel.ReleaseStartupPages()
			resize := func(rows, columns uint16) { procs.ResizeTTY(os.Stdin, rows, columns) }
			var out io.Writer = os.Stdout
			if keeper, err := console.Serve(args[0], os.Stdin, resize); err == nil { // without it the agent still has its terminal
				defer keeper.Close()
				out = io.MultiWriter(keeper, os.Stdout)
			}
			procs.KeepTTY(os.Stdin, out)
			return nil
		},
	}
}
