package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/heal"
)

func verbStats(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:     "stats",
		Short:   "Sum up errors, recoveries and what they took",
		Example: "  healer-sidecar stats",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.dial()
			if err != nil {
				return err
			}
			s, err := c.Stats(cmd.Context())
			if err != nil {
				return err
			}
			if f.json {
				return printJSON(std, s)
			}
			return printStats(std, s)
		},
	}
	f.register(cmd)
	return cmd
}

func printStats(std streams, s heal.Stats) error {
	fmt.Fprintf(std.out, "errors %d, in the last hour %d; active recoveries %d\n", s.Errors, s.LastHour, s.Active)
	if len(s.Outcomes) > 0 {
		fmt.Fprintf(std.out, "success rate %s, mean time to recovery %s\n", percent(s.SuccessRate), short(s.MeanRecovery))
	}
	for _, t := range heal.ErrorTypes {
		if n := s.ByType[t]; n > 0 {
			fmt.Fprintf(std.out, "  %-24s %d\n", t, n)
		}
	}
	for _, o := range []heal.Outcome{heal.Recovered, heal.Relapsed, heal.Failed, heal.OutcomeUnknown} {
		if n := s.Outcomes[o]; n > 0 {
			fmt.Fprintf(std.out, "  incidents %-14s %d\n", o, n)
		}
	}
	return printPatterns(std.out, s.Patterns)
}

func verbPatterns(std streams) *cobra.Command {
	var f clientFlags
	var agent string
	cmd := &cobra.Command{
		Use:     "patterns",
		Short:   "Show what was learned: which remedy works for which failure",
		Example: "  healer-sidecar patterns --agent researcher",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.dial()
			if err != nil {
				return err
			}
			p, err := c.Patterns(cmd.Context(), agent)
			if err != nil {
				return err
			}
			if f.json {
				return printJSON(std, p)
			}
			return printPatterns(std.out, p)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&agent, "agent", "", "only this agent")
	return cmd
}

func printPatterns(out io.Writer, patterns []heal.PatternStats) error {
	if len(patterns) == 0 {
		_, err := fmt.Fprintln(out, "nothing was learned yet")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AGENT\tTYPE\tFINGERPRINT\tSTRATEGY\tRECOVERED\tRELAPSED\tFAILED\tUNKNOWN\tSUCCESS\tMEAN")
	for _, p := range patterns {
		for _, profile := range heal.Profiles {
			if s, ok := p.Strategies[profile.Strategy]; ok {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\n", p.Agent, p.Type, p.Fingerprint, profile.Strategy,
					s.Recovered, s.Relapsed, s.Failed, s.Unknown, percent(s.SuccessRate), short(s.Mean))
			}
		}
	}
	return w.Flush()
}
