package main

import (
	"encoding/json"
	"fmt"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/heal"
)

// maxShown bounds what is shown of one line.
const maxShown = 64 << 10

func verbLogs(std streams) *cobra.Command {
	var f clientFlags
	var q heal.LogQuery
	var raw bool
	cmd := &cobra.Command{
		Use:               "logs AGENT",
		Short:             "Print what an agent printed, each line with its time",
		Example:           "  healer-sidecar logs researcher --last 100 --follow",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: f.agents,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.dial()
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			q.Agent = args[0]
			return c.Logs(ctx, q, func(l heal.LogLine) bool { return printLine(std, l, f.json, raw) == nil })
		},
	}
	f.registerPast(cmd)
	numberFlag(cmd, &q.Last, "last", "n", 20, 0, heal.MostLines, "begin with so many of the last lines of each stream")
	cmd.Flags().BoolVarP(&q.Follow, "follow", "f", false, "go on with what comes next")
	cmd.Flags().BoolVar(&raw, "raw", false, "print the lines as they are, without times and with control bytes")
	return cmd
}

// printLine shows a line in a way that no terminal obeys, unless raw is asked for.
func printLine(std streams, l heal.LogLine, asJSON, raw bool) error {
	var err error
	switch {
	case asJSON:
		err = json.NewEncoder(std.out).Encode(l)
	case raw && l.Bytes != nil:
		_, err = std.out.Write(append(l.Bytes, '\n'))
	case raw:
		_, err = fmt.Fprintln(std.out, l.Text)
	default:
		text := redact.Printable([]byte(l.Text), maxShown)
		_, err = fmt.Fprintf(std.out, "%s %s %s\n", l.At.Local().Format("15:04:05.000"), l.Stream, text)
	}
	return err
}
