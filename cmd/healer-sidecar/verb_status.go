package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// statusLong explains the health column; the table comes from where the words do.
func statusLong() string {
	var b strings.Builder
	b.WriteString("Show what needs you first, then every agent, unwell ones first.\n\nHealth:\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range present.States {
		mark := ""
		if s.NeedsYou {
			mark = " (needs you)"
		}
		fmt.Fprintf(w, "  %s\t%s%s\n", s.Name, s.Meaning, mark)
	}
	_ = w.Flush()
	return strings.TrimRight(b.String(), "\n")
}

func verbStatus(std streams) *cobra.Command {
	var f clientFlags
	verbose := false
	cmd := &cobra.Command{
		Use:               "status [AGENT...]",
		Short:             "Show agent and sidecar status, what needs you first",
		Long:              statusLong(),
		Example:           "  healer-sidecar status\n  healer-sidecar status researcher\n  healer-sidecar status --json",
		ValidArgsFunction: f.agents,
		RunE: func(cmd *cobra.Command, agents []string) error {
			return askAll(&f, cmd, std, statusOf(agents), func(s heal.SidecarStatus) error {
				return printStatus(std, s, verbose, len(agents) > 0)
			})
		},
	}
	f.registerPast(cmd)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "also show the sidecar's directory, containment and boundary")
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

// maxCards is how many agents are shown with all that can be said of them.
const maxCards = 10

func printStatus(std streams, s heal.SidecarStatus, verbose, named bool) error {
	now := time.Now()
	life := fmt.Sprintf("pid %d, up %s", s.PID, present.Age(s.Uptime))
	if !s.Ended.IsZero() {
		life = fmt.Sprintf("ended %s ago, state in %s", present.Age(now.Sub(s.Ended)), s.StateDir)
	}
	fmt.Fprintf(std.out, "healer-sidecar %s, %s. %s\n", s.Version, life, present.Summary(s.Agents))
	if verbose && s.Ended.IsZero() {
		fmt.Fprintf(std.out, "state in %s\ncontainment: %s\nboundary: %s\n", s.StateDir, s.Containment, s.Boundary)
	}
	for _, n := range present.Notices(s) {
		fmt.Fprintln(std.out, std.paint(n, yellow))
	}
	if t := s.Telemetry; t != nil {
		fmt.Fprintln(std.out, telemetryLine(t))
	}
	cards := present.NeedsYou(s.Agents)
	if len(cards) > 0 {
		fmt.Fprintf(std.out, "\n%s\n", std.paint("NEEDS YOU", red))
	}
	if named {
		cards = nil
		for _, a := range s.Agents {
			if a.Card != nil {
				cards = append(cards, *a.Card)
			}
		}
	}
	for _, c := range cards[:min(len(cards), maxCards)] {
		fmt.Fprintln(std.out)
		printCard(std, c, now)
	}
	if more := cards[min(len(cards), maxCards):]; len(more) > 0 {
		names := make([]string, len(more))
		for i, c := range more {
			names[i] = c.Agent
		}
		fmt.Fprintf(std.out, "\nand %d more: %s\n", len(more), strings.Join(names, " "))
	}
	fmt.Fprintln(std.out)
	return printTable(std, s, now)
}

// printCard prints a card; its title carries the colour.
func printCard(std streams, c heal.Card, now time.Time) {
	tone := yellow
	if c.NeedsYou {
		tone = red
	}
	for i, line := range present.CardLines(c, std.columns(), now) {
		if i == 0 {
			line = std.paint(line, tone)
		}
		fmt.Fprintln(std.out, line)
	}
}

// printTable prints a line for each agent, unwell first.
func printTable(std streams, s heal.SidecarStatus, now time.Time) error {
	t := table{std: std, head: []string{"AGENT", "HEALTH", "PROCESS", "PID", "RUNS", "UPTIME", "BUDGET", "NOTE"}}
	for _, a := range present.Sorted(s.Agents) {
		pid, uptime := "-", "-"
		if a.Process.PID > 0 {
			pid = fmt.Sprint(a.Process.PID)
		}
		if a.Running {
			uptime = present.Age(a.Uptime)
		}
		t.add(tone(a), a.Agent, a.Health, a.Process.State, pid, fmt.Sprint(a.Runs), uptime,
			fmt.Sprintf("%d/%d", a.BudgetLeft, a.Budget), note(a, s.Containment, now))
	}
	return t.print()
}

// tone is the colour of an agent's line.
func tone(a heal.AgentStatus) colour {
	switch {
	case a.Card != nil && a.Card.NeedsYou:
		return red
	case a.Health == "healthy":
		return green
	case a.Health == "stopped" || a.Health == "finished":
		return dim
	}
	return yellow
}

// note is what a person should know beside the columns: what the card says first, then what is unusual.
func note(a heal.AgentStatus, usual string, now time.Time) string {
	var parts []string
	if a.Card != nil {
		parts = append(parts, present.Brief(*a.Card))
	}
	if a.Acknowledged {
		parts = append(parts, "acknowledged")
	}
	if a.Alarm {
		parts = append(parts, "ALARM: unhealthy, no action taken")
	}
	if c := a.Process.Containment; c != "" && c != usual {
		parts = append(parts, c)
	}
	if len(a.Measures) > 0 {
		parts = append(parts, "active until stable: "+strings.Join(a.Measures, ", "))
	}
	parts = append(parts, spendNotes(a)...)
	if len(a.Unknown) > 0 {
		parts = append(parts, "cannot read: "+strings.Join(a.Unknown, ", "))
	}
	parts = append(parts, a.Process.InForce...)
	for _, m := range a.Process.Survivors {
		parts = append(parts, fmt.Sprintf("left: %d %s (%s)", m.PID, m.Name, m.State))
	}
	return strings.Join(parts, "; ")
}
