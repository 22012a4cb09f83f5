package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/drill"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/present"
)

type drillFlags struct {
	clientFlags
	file, disk string
	most       int
	within     time.Duration
	production bool
}

func verbDrill(std streams) *cobra.Command {
	var f drillFlags
	var names, lines []string
	for _, fault := range drill.Faults {
		names = append(names, fault.Name)
		lines = append(lines, fmt.Sprintf("  %-11s %s", fault.Name, fault.What))
	}
	cmd := &cobra.Command{
		Use:   "drill (FAULT | all) AGENT",
		Short: "Put a real fault into a running agent and report what came of it",
		Long: `Put a real fault into a running agent, under the policy that is in force, and report when it was
detected, diagnosed and healed. The fault is taken back in the end, and after half of the time if
it still lasts. The faults:

` + strings.Join(lines, "\n"),
		Example: "  healer-sidecar drill kill researcher\n  healer-sidecar drill all researcher --file config.json",
		Args:    cobra.ExactArgs(2),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return append(names, "all"), cobra.ShellCompDirectiveNoFileComp
			}
			return f.agents(cmd, args, begun)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			faults := drill.Faults
			if args[0] != "all" {
				one, ok := drill.Find(args[0])
				if !ok {
					return badInput{fmt.Errorf("cannot drill: %q is no fault", args[0]), config.Suggest(args[0], append(names, "all"))}
				}
				faults = []drill.Fault{one}
			}
			return f.drill(cmd, std, faults, args[1])
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.file, "file", "", "a configuration file of the agent, for badconfig")
	cmd.Flags().StringVar(&f.disk, "disk", "", "a folder on a disk of at most 4 GiB, for fulldisk")
	numberFlag(cmd, &f.most, "most", "", 512, 1, 1<<20, "how much a leak takes at most, in MiB")
	timeFlag(cmd, &f.within, "within", 2*time.Minute, time.Second, "how long each fault has to be healed")
	cmd.Flags().BoolVar(&f.production, "production", false, "drill an agent that the policy marks as production")
	return cmd
}

func (f *drillFlags) drill(cmd *cobra.Command, std streams, faults []drill.Fault, agent string) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	c, err := f.dialFor(ctx, agent)
	if err != nil {
		return err
	}
	var reports []drill.Report
	for _, fault := range faults {
		t, err := f.target(ctx, c, agent)
		if err != nil && len(reports) == 0 {
			return err
		}
		if err != nil { // what was found out so far is told
			reports = append(reports, drill.Report{Fault: fault.Name, Agent: agent, Result: drill.Fail, Why: err.Error()})
			break
		}
		if !f.json {
			fmt.Fprintf(std.err, "drill: %s: %s\n", fault.Name, fault.What)
		}
		report, err := f.announced(ctx, c, fault, t)
		if err != nil {
			return err
		}
		reports = append(reports, report)
		if ctx.Err() != nil {
			break
		}
	}
	if f.json {
		err = printJSON(std, reports)
	} else {
		err = printReports(std, reports)
	}
	for _, r := range reports {
		if r.Result == drill.Fail {
			return errors.Join(err, exitWith{code: exitFailure})
		}
	}
	return err
}

// announced tells the sidecar of the drill while it lasts: what is done against the fault does not
// use up the budget that a real failure needs.
func (f *drillFlags) announced(ctx context.Context, c *control.Client, fault drill.Fault, t drill.Target) (drill.Report, error) {
	o := heal.Order{Command: heal.CommandDrill, Agent: t.Agent, For: min(f.within, time.Hour), Reason: fault.Name}
	if err := c.Order(ctx, o); err != nil {
		return drill.Report{}, err
	}
	defer func() {
		o.For = 0
		_ = c.Order(context.WithoutCancel(ctx), o) // it ends by itself, only later
	}()
	return drill.Run(ctx, c, fault, t, f.within), nil
}

// target looks at the agent as it stands now: it must be well before it is hurt.
func (f *drillFlags) target(ctx context.Context, c *control.Client, agent string) (drill.Target, error) {
	t := drill.Target{Agent: agent, File: f.file, Disk: f.disk, Most: uint64(max(f.most, 1)) << 20}
	deadline := time.Now().Add(f.within)
	for {
		s, err := statusOf([]string{agent})(c, ctx)
		if err != nil {
			return t, err
		}
		a := s.Agents[0]
		switch {
		case a.Production && !f.production:
			return t, badInput{fmt.Errorf("cannot drill %s: the policy marks it as production", agent), "add --production if you mean it"}
		case a.Running && a.Health == "healthy":
			return aimed(t, a)
		case time.Now().After(deadline) || a.Hold != "":
			return t, badInput{fmt.Errorf("cannot drill %s: it is %s, not healthy", agent, a.Health), "healer-sidecar explain says why"}
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return t, ctx.Err()
		}
	}
}

func aimed(t drill.Target, a heal.AgentStatus) (drill.Target, error) {
	var err error
	if t.Leader, err = procfs.Identify(a.Process.PID); err == nil {
		t.Self, err = os.Executable()
	}
	if err != nil {
		return t, fmt.Errorf("cannot drill %s: %w", t.Agent, err)
	}
	return t, nil
}

func printReports(std streams, reports []drill.Report) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FAULT\tRESULT\tDETECTED\tDIAGNOSED\tACTED\tHEALED\tTYPE\tREMEDY\tNOTE")
	for _, r := range reports {
		note := r.Why
		if r.TakenBack {
			note = strings.TrimSpace("after the fault was taken back " + note)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Fault, r.Result, after(r.Detected), after(r.Diagnosed), after(r.Acted), after(r.Healed), orDash(string(r.Type)), orDash(string(r.Strategy)), note)
	}
	return w.Flush()
}

func after(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return present.Short(d)
}

func verbDrillLoad(streams) *cobra.Command {
	return &cobra.Command{
		Use: drill.LoadVerb + " KIND AMOUNT", Short: "The load of a drill", Hidden: true, Args: cobra.ExactArgs(2), Example: "  healer-sidecar drill-load cpu 0",
		RunE: func(_ *cobra.Command, args []string) error { return drill.Load(args[0], args[1]) },
	}
}
