package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

func verbSnapshots(std streams) *cobra.Command {
	cmd := listSnapshots(std, "snapshots", false)
	cmd.Short = "Show the good generations of an agent's state, take one, compare, put one back"
	cmd.AddCommand(listSnapshots(std, "list", false), listSnapshots(std, "diff", true),
		snapshotOrder(std, heal.CommandSnapshot, &cobra.Command{
			Use: "take AGENT", Short: "Keep a generation now", Example: "  healer-sidecar snapshots take researcher", Args: cobra.ExactArgs(1),
		}),
		snapshotOrder(std, heal.CommandRestore, &cobra.Command{
			Use: "restore AGENT [NUMBER]", Short: "Stop the agent, put a generation back (default: the latest), and start it",
			Example: "  healer-sidecar snapshots restore researcher 12", Args: cobra.RangeArgs(1, 2),
		}))
	return cmd
}

func listSnapshots(std streams, use string, changes bool) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use: use + " AGENT", Short: "Show the good generations", Example: "  healer-sidecar snapshots " + use + " researcher", Args: cobra.ExactArgs(1),
	}
	if use == "snapshots" {
		cmd.Example = "  healer-sidecar snapshots researcher"
	}
	if changes {
		cmd.Short = "Show what is different now from the latest generation"
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kept := func(c *control.Client, ctx context.Context) ([]heal.Generation, error) {
			return c.Snapshots(ctx, args[0], changes)
		}
		show := printGenerations
		if changes {
			show = printChanges
		}
		return ask(&f, cmd, std, kept, func(all []heal.Generation) error { return show(std, all) })
	}
	f.register(cmd)
	return cmd
}

func printGenerations(std streams, all []heal.Generation) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SNAPSHOT\tNUMBER\tTAKEN\tFILES\tBYTES\tLEFT OUT")
	for _, g := range all {
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%d\n", g.Snapshot, g.Number, g.Taken.Local().Format(time.DateTime), g.Files, g.Bytes, len(g.Skipped))
	}
	return w.Flush()
}

// printChanges shows the differences from the latest generation of each snapshot.
func printChanges(std streams, all []heal.Generation) error {
	seen := map[string]bool{}
	for _, g := range all {
		if seen[g.Snapshot] {
			continue
		}
		seen[g.Snapshot] = true
		fmt.Fprintf(std.out, "%s, generation %d: %d differences\n", g.Snapshot, g.Number, len(g.Changes))
		for _, change := range g.Changes {
			fmt.Fprintln(std.out, change)
		}
	}
	return nil
}

func snapshotOrder(std streams, command heal.Command, cmd *cobra.Command) *cobra.Command {
	var f clientFlags
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := heal.Order{Command: command, Agent: args[0]}
		if len(args) > 1 {
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 1 {
				return badInput{fmt.Errorf("cannot restore %q: it is no generation", args[1]), "healer-sidecar snapshots list shows them"}
			}
			o.Generation = n
		}
		what := fmt.Sprintf("%s %s", command, o.Agent)
		return f.order(cmd, std, o, what, what+": done")
	}
	f.register(cmd)
	return cmd
}
