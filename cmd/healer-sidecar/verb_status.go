package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

func verbStatus(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:               "status [AGENT...]",
		Short:             "Show how the agents and the sidecar stand",
		Example:           "  healer-sidecar status --json\n  healer-sidecar status researcher",
		ValidArgsFunction: f.agents,
		RunE: func(cmd *cobra.Command, agents []string) error {
			return ask(&f, cmd, std, statusOf(agents), func(s heal.SidecarStatus) error { return printStatus(std, s) })
		},
	}
	f.register(cmd)
	return cmd
}

// statusOf asks for the status of some agents; without names of all.
func statusOf(agents []string) func(*control.Client, context.Context) (heal.SidecarStatus, error) {
	return func(c *control.Client, ctx context.Context) (heal.SidecarStatus, error) {
		s, err := c.Status(ctx)
		if err != nil || len(agents) == 0 {
			return s, err
		}
		all := s.Agents
		s.Agents = nil
		for _, name := range agents {
			i := slices.IndexFunc(all, func(a heal.AgentStatus) bool { return a.Agent == name })
			if i < 0 {
				return s, badInput{fmt.Errorf("cannot show %q: no such agent", name), "healer-sidecar status lists them"}
			}
			s.Agents = append(s.Agents, all[i])
		}
		return s, nil
	}
}

func printStatus(std streams, s heal.SidecarStatus) error {
	fmt.Fprintf(std.out, "sidecar %s, pid %d, up %s\nstate in %s\ncontainment: %s\nboundary: %s\n",
		s.Version, s.PID, short(s.Uptime), s.StateDir, s.Containment, s.Boundary)
	if s.Paused {
		fmt.Fprintln(std.out, "HEALING IS PAUSED: detection goes on, nothing is done; healer-sidecar resume")
	}
	if s.Policy != "" {
		fmt.Fprintf(std.out, "POLICY: the file is not in force: %s\n", s.Policy)
	}
	if f := s.Fleet; f != nil {
		state := fmt.Sprintf("connected, %s in the group, %d unwell", plural(f.Hosts, "host"), f.Unwell)
		if !f.Connected {
			state = "this host heals alone: " + cmp.Or(f.Fault, "it is not connected yet")
		}
		fmt.Fprintf(std.out, "fleet %s/%s: %s\n", f.Group, f.Host, state)
	}
	if s.Journal != "" {
		fmt.Fprintf(std.out, "JOURNAL: %s\n", s.Journal)
	}
	if s.Storm != "" {
		fmt.Fprintf(std.out, "STORM: %s; attempts are spread out\n", s.Storm)
	}
	if s.Lag > 0 {
		fmt.Fprintf(std.out, "LATE: the sidecar itself got no time for %s; what only its clock says is doubted\n", short(s.Lag))
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "AGENT\tHEALTH\tPROCESS\tPID\tRUNS\tUPTIME\tBUDGET\tINCIDENT\tNOTE")
	for _, a := range s.Agents {
		pid := "-"
		if a.Process.PID > 0 {
			pid = fmt.Sprint(a.Process.PID)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%d/%d\t%s\t%s\n", a.Agent, a.Health, a.Process.State, pid, a.Runs,
			short(a.Uptime), a.BudgetLeft, a.Budget, orDash(a.Incident), note(a, s.Containment))
	}
	return w.Flush()
}

// note is what a person should know beside the columns.
func note(a heal.AgentStatus, usual string) string {
	var parts []string
	if c := a.Process.Containment; c != "" && c != usual {
		parts = append(parts, c)
	}
	if a.Type != "" {
		parts = append(parts, string(a.Type))
	}
	if a.Strategy != "" {
		parts = append(parts, string(a.Strategy))
	}
	if left := time.Until(a.NextAttempt); !a.NextAttempt.IsZero() && left > 0 {
		parts = append(parts, "next try in "+short(left))
	}
	if a.Acknowledged {
		parts = append(parts, "acknowledged")
	}
	if a.Alarm {
		parts = append(parts, "ALARM: unwell, and nothing is done")
	}
	if len(a.Measures) > 0 {
		parts = append(parts, "in force until it was well for long: "+strings.Join(a.Measures, ", "))
	}
	if a.Hold != "" {
		parts = append(parts, "hold: "+a.Hold)
	}
	if len(a.Unknown) > 0 {
		parts = append(parts, "cannot read: "+strings.Join(a.Unknown, ", "))
	}
	parts = append(parts, a.Foreseen...)
	parts = append(parts, a.Process.InForce...)
	for _, m := range a.Process.Survivors {
		parts = append(parts, fmt.Sprintf("left: %d %s (%s)", m.PID, m.Name, m.State))
	}
	return strings.Join(parts, "; ")
}
