package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

func verbStats(std streams) *cobra.Command {
	var f clientFlags
	shadow := false
	cmd := &cobra.Command{
		Use:     "stats",
		Short:   "Show counts of errors and recoveries, and recovery times",
		Example: "  healer-sidecar stats\n  healer-sidecar stats --shadow",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !shadow {
				return ask(&f, cmd, std, (*control.Client).Stats, func(s heal.Stats) error { return printStats(std, s) })
			}
			held := func(c *control.Client, ctx context.Context) ([]heal.Shadowed, error) {
				s, err := c.Stats(ctx)
				return s.Shadow, err
			}
			return ask(&f, cmd, std, held, func(all []heal.Shadowed) error { return printShadow(std.out, all) })
		},
	}
	f.registerPast(cmd)
	cmd.Flags().BoolVar(&shadow, "shadow", false, "what shadow mode would have done, beside what happened")
	return cmd
}

// printShadow compares what would have been done with what happened.
func printShadow(out io.Writer, all []heal.Shadowed) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "shadow mode has held nothing back yet")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "INCIDENT\tAGENT\tTYPE\tWOULD\tCHANCE\tABOUT\tREALLY\tAFTER\tHOW")
	var saved time.Duration
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\t%s\t%s\t%s\n",
			s.Incident, s.Agent, s.Type, s.Would.Strategy, s.Would.Success, present.Short(s.Would.Duration), s.Outcome, present.Short(s.Took), s.How)
		saved += time.Duration(s.Would.Success * float64(s.Took-s.Would.Duration))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%d incidents; healing would have saved about %s, by what it is believed to achieve\n", len(all), present.Short(max(saved, 0)))
	return err
}

func printStats(std streams, s heal.Stats) error {
	rate, mean := "-", "-"
	if s.SuccessRate != nil {
		rate = present.Percent(*s.SuccessRate)
	}
	if s.MeanRecovery > 0 {
		mean = present.Short(s.MeanRecovery)
	}
	fmt.Fprintf(std.out, "errors %d, in the last hour %d; open incidents %d\n", s.Errors, s.LastHour, s.Active)
	fmt.Fprintf(std.out, "healed %d (%s of all incidents with a known outcome), returned within an hour %d, mean time to recovery %s\n",
		s.Healed, rate, s.Returned, mean)
	for _, t := range heal.ErrorTypes {
		if n := s.ByType[t]; n > 0 {
			fmt.Fprintf(std.out, "  %-24s %d\n", t, n)
		}
	}
	for _, o := range []heal.Outcome{heal.Recovered, heal.Relapsed, heal.Failed, heal.ReleasedByOperator, heal.OutcomeUnknown} {
		if n := s.Outcomes[o]; n > 0 {
			fmt.Fprintf(std.out, "  incidents %-20s %d\n", o, n)
		}
	}
	return printPatterns(std.out, s.Patterns)
}
