package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

func verbPatterns(std streams) *cobra.Command {
	cmd := listPatterns(std, "patterns")
	cmd.AddCommand(listPatterns(std, "list"), verbShow(std), verbPin(std), verbForget(std), verbExport(std), verbImport(std))
	return cmd
}

func listPatterns(std streams, use string) *cobra.Command {
	var f clientFlags
	var agent string
	cmd := &cobra.Command{
		Use:     use,
		Short:   "Show what was learned: which remedy works for which failure",
		Example: "  healer-sidecar patterns --agent researcher",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			learned := func(c *control.Client, ctx context.Context) ([]heal.PatternStats, error) {
				return c.Patterns(ctx, agent)
			}
			return ask(&f, cmd, std, learned, func(p []heal.PatternStats) error { return printPatterns(std.out, p) })
		},
	}
	f.registerPast(cmd)
	cmd.Flags().StringVar(&agent, "agent", "", "only this agent")
	return cmd
}

func verbPin(std streams) *cobra.Command {
	return teachVerb(std, heal.CommandPin, &cobra.Command{
		Use:     "pin AGENT FINGERPRINT STRATEGY",
		Short:   "Put a strategy first for a failure; the gate still decides whether it may be used",
		Example: "  healer-sidecar patterns pin researcher v1:3fd5ad5fb91c rollback",
		Args:    cobra.ExactArgs(3),
	})
}

func verbForget(std streams) *cobra.Command {
	return teachVerb(std, heal.CommandForget, &cobra.Command{
		Use:     "forget AGENT FINGERPRINT",
		Short:   "Drop what was learned about a failure",
		Example: "  healer-sidecar patterns forget researcher v1:3fd5ad5fb91c",
		Args:    cobra.ExactArgs(2),
	})
}

// teachVerb changes what was learned.
func teachVerb(std streams, command heal.Command, cmd *cobra.Command) *cobra.Command {
	var f clientFlags
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := heal.Order{Command: command, Agent: args[0], Fingerprint: args[1]}
		if len(args) > 2 {
			if o.Strategy = heal.Strategy(args[2]); !o.Strategy.Valid() || o.Strategy == heal.Escalate {
				return badInput{fmt.Errorf("cannot pin %q: it is no strategy", args[2]), "use one of those that explain names"}
			}
		}
		what := fmt.Sprintf("%s %s", command, o.Fingerprint)
		return f.order(cmd, std, o, what, o.Agent+": "+what)
	}
	f.register(cmd)
	return cmd
}

func printPatterns(out io.Writer, patterns []heal.PatternStats) error {
	if len(patterns) == 0 {
		_, err := fmt.Fprintln(out, "nothing was learned yet")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AGENT\tTYPE\tFINGERPRINT\tSTRATEGY\tRECOVERED\tRELAPSED\tFAILED\tUNKNOWN\tSUCCESS\tMEAN\tRETURNED")
	for _, p := range patterns {
		for _, profile := range heal.Profiles {
			if s, ok := p.Strategies[profile.Strategy]; ok {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", p.Agent, p.Type, p.Fingerprint, pinned(p, profile.Strategy),
					s.Recovered, s.Relapsed, s.Failed, s.Unknown, present.Share(s.Recovered, s.Recovered+s.Relapsed+s.Failed), mean(s), times(p.Returned))
			}
		}
	}
	return w.Flush()
}

// mean is the mean time to recovery; "-" before the first.
func mean(s heal.StrategyStats) string {
	if s.Recovered == 0 {
		return "-"
	}
	return present.Short(s.Mean)
}

// times says how often something happened; "-" for never.
func times(n int) string {
	if n == 0 {
		return "-"
	}
	return present.Count(n, "time")
}

// pinned marks the strategy that a person wants first.
func pinned(p heal.PatternStats, s heal.Strategy) string {
	if p.Pinned == s {
		return string(s) + " (pinned)"
	}
	return string(s)
}
