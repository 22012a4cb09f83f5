package main

import (
	"fmt"

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
