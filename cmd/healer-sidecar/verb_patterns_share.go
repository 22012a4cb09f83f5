package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

func verbShow(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:     "show AGENT FINGERPRINT",
		Short:   "Show everything that was learned about a failure",
		Example: "  healer-sidecar patterns show researcher v1:3fd5ad5fb91c",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			one := func(c *control.Client, ctx context.Context) (heal.PatternStats, error) {
				all, err := c.Patterns(ctx, args[0])
				i := slices.IndexFunc(all, func(p heal.PatternStats) bool { return p.Fingerprint == args[1] })
				if err == nil && i < 0 {
					err = badInput{fmt.Errorf("cannot find %q: nothing was learned about it", args[1]), "healer-sidecar patterns lists what was"}
				}
				if err != nil {
					return heal.PatternStats{}, err
				}
				return all[i], nil
			}
			return ask(&f, cmd, std, one, func(p heal.PatternStats) error { return showPattern(std.out, p) })
		},
	}
	f.register(cmd)
	return cmd
}

func showPattern(out io.Writer, p heal.PatternStats) error {
	fmt.Fprintf(out, "%s of %s, %s\n", p.Fingerprint, p.Agent, p.Type)
	if p.Template != "" {
		fmt.Fprintf(out, "  text:       %s\n", p.Template)
	}
	fmt.Fprintf(out, "  learned:    %d outcomes, the last %s\n", p.Outcomes, p.Last.Local().Format(time.DateTime))
	for _, b := range p.Believed {
		fmt.Fprintf(out, "  looks like: %s (%.0f %%)\n", b.Like, 100*b.Much)
	}
	if len(p.Told) > 0 {
		fmt.Fprintf(out, "  told by:    %s\n", strings.Join(p.Told, ", "))
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STRATEGY\tSTANDING\tCHANCE\t80 %\tRECOVERED\tRELAPSED\tFAILED\tUNKNOWN\tMEAN")
	for _, profile := range heal.Profiles {
		if s, ok := p.Strategies[profile.Strategy]; ok {
			fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f to %.2f\t%d\t%d\t%d\t%d\t%s\n", pinned(p, profile.Strategy), s.Standing, s.Chance, s.Low, s.High,
				s.Recovered, s.Relapsed, s.Failed, s.Unknown, present.Short(s.Mean))
		}
	}
	return w.Flush()
}

func verbExport(std streams) *cobra.Command {
	var f clientFlags
	var templates bool
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Print what was learned, for other hosts",
		Example: "  healer-sidecar patterns export >learned.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			known := func(c *control.Client, ctx context.Context) (heal.Knowledge, error) {
				return c.Knowledge(ctx, templates)
			}
			return ask(&f, cmd, std, known, func(k heal.Knowledge) error { return printJSON(std, k) })
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&templates, "templates", false, "with the masked text of the failures, which may hold what was in the output")
	return cmd
}

func verbImport(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Take in what other hosts have learned; it counts for less than what was seen here",
		Long: "Take in what patterns export printed on another host. It is believed at most half as much as what is seen here,\n" +
			"adds no remedy, lifts no limit, and may be imported any number of times: nothing is counted twice.",
		Example: "  healer-sidecar patterns import learned.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[0])
			if err != nil {
				return badInput{fmt.Errorf("cannot import: %w", err), "name a file that patterns export has written"}
			}
			defer file.Close()
			b, err := io.ReadAll(io.LimitReader(file, control.MaxKnowledge+1))
			if err != nil || len(b) > control.MaxKnowledge {
				return badInput{fmt.Errorf("cannot import %s: it is larger than %d MiB", args[0], control.MaxKnowledge>>20), "export fewer patterns"}
			}
			hear := func(c *control.Client, ctx context.Context) (control.Taken, error) { return c.Hear(ctx, b) }
			return ask(&f, cmd, std, hear, func(taken control.Taken) error {
				_, err := fmt.Fprintf(std.out, "%d patterns of other hosts taken in\n", taken.Patterns)
				return err
			})
		},
	}
	f.register(cmd)
	return cmd
}
