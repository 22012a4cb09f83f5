// Command healer-hub is the server of a fleet of sidecars: NATS with JetStream in one
// program, with the streams that they use and a key for each of them.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs a command line and returns the exit code.
func execute(ctx context.Context, args []string, out, errs io.Writer) int {
	root := &cobra.Command{
		Use: "healer-hub", Short: "Serve a fleet of healer-sidecars: archive, budgets and common causes",
		SilenceErrors: true, SilenceUsage: true,
	}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	root.AddCommand(verbServe(errs), verbJoin(out), verbPrepare(out))
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(errs, "healer-hub: %v\n", err)
		return 1
	}
	return 0
}
