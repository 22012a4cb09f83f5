package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/statedir"
)

func verbState(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "state", Short: "List and prune what sidecars have kept on the disk", Args: cobra.NoArgs,
		Example: "  healer-sidecar state list\n  healer-sidecar state prune --older-than 7d",
	}
	cmd.AddCommand(stateList(std), statePrune(std))
	return cmd
}

func stateList(std streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List state directories, the latest used first", Args: cobra.NoArgs,
		Example: "  healer-sidecar state list",
		RunE: func(*cobra.Command, []string) error {
			all, err := allStates()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(std, all)
			}
			return printStates(std, all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func allStates() ([]statedir.Info, error) {
	root, err := statedir.Root()
	if err != nil {
		return nil, err
	}
	return statedir.List(root)
}

func printStates(std streams, all []statedir.Info) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "USED\tSIZE\tIN USE\tDIRECTORY\tOF")
	for _, i := range all {
		of := cmp.Or(i.Policy, strings.Join(i.Command, " "))
		if i.Folder != "" {
			of += " in " + i.Folder
		}
		used := map[bool]string{true: "yes", false: "no"}[i.Running]
		fmt.Fprintf(w, "%s\t%.1f MiB\t%s\t%s\t%s\n", i.Used.Local().Format("2006-01-02 15:04"), float64(i.Bytes)/(1<<20), used, i.Dir, orDash(redact.Printable([]byte(of), maxShown)))
	}
	return w.Flush()
}

func statePrune(std streams) *cobra.Command {
	var older, size string
	var keep int
	var dry bool
	cmd := &cobra.Command{
		Use: "prune", Short: "Remove the state of commands that were run long ago", Args: cobra.NoArgs,
		Long: "Remove the state of wrapped commands (run -- COMMAND) that is beyond the limits, the longest unused first.\n" +
			"The state of policies, and state in use, is never removed. Runs do this by themselves once an hour, with the default limits.",
		Example: "  healer-sidecar state prune --older-than 7d\n  healer-sidecar state prune --keep 0",
		RunE: func(cmd *cobra.Command, _ []string) error {
			limits, err := pruneLimits(older, size)
			if err != nil {
				return badInput{fmt.Errorf("cannot prune: %w", err), "see healer-sidecar state prune --help"}
			}
			if limits.Number = keep; keep == 0 {
				limits = statedir.Limits{Age: time.Nanosecond}
			}
			return prune(std, limits, dry)
		},
	}
	d := statedir.Default
	cmd.Flags().StringVar(&older, "older-than", fmt.Sprintf("%dd", d.Age/(24*time.Hour)), "remove what was not used for so long")
	numberFlag(cmd, &keep, "keep", "", d.Number, 0, 1<<20, "keep at most so many; 0 removes all")
	cmd.Flags().StringVar(&size, "max-size", "1GiB", "keep at most so much")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only print what would be removed")
	return cmd
}

func pruneLimits(older, size string) (l statedir.Limits, err error) {
	if l.Age, err = config.ParseDuration(older); err != nil {
		return l, err
	}
	bytes, err := config.ParseSize(size)
	l.Bytes = int64(bytes)
	return l, err
}

func prune(std streams, limits statedir.Limits, dry bool) error {
	all, err := allStates()
	if err != nil {
		return err
	}
	surplus := statedir.Surplus(all, limits, time.Now())
	var failed error
	removed, freed := 0, int64(0)
	for _, i := range surplus {
		if !dry {
			if err := statedir.Remove(i.Dir); err != nil {
				failed = errors.Join(failed, err)
				continue
			}
		}
		removed, freed = removed+1, freed+i.Bytes
		fmt.Fprintln(std.out, i.Dir)
	}
	verb := map[bool]string{true: "would be removed", false: "removed"}[dry]
	fmt.Fprintf(std.out, "%d of %d state directories %s, %.1f MiB\n", removed, len(all), verb, float64(freed)/(1<<20))
	return failed
}
