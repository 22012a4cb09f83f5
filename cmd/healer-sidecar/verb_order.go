package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// orders are the verbs that tell a running sidecar to do something. A person's
// order is never refused by a budget.
var orders = []struct {
	command heal.Command
	short   string
	// global orders concern the whole sidecar.
	global bool
}{
	{heal.CommandStart, "Start agents that are down", false},
	{heal.CommandStop, "Stop agents with all their processes; they stay stopped until started", false},
	{heal.CommandRestart, "Stop agents with all their processes and start them", false},
	{heal.CommandHold, "Leave agents as they are: failures are detected, nothing is done until release", false},
	{heal.CommandIsolate, "Freeze agents with all their processes, keep evidence, and hold them until release", false},
	{heal.CommandRelease, "Resume held or isolated agents", false},
	{heal.CommandPause, "Switch healing off; detection goes on", true},
	{heal.CommandResume, "Switch healing on again", true},
	{heal.CommandReload, "Load the policy again and apply what has changed; nothing else is touched", true},
	{heal.CommandUpgrade, "Replace the running sidecar with the installed binary; agents keep running", true},
	{heal.CommandShutdown, "End the sidecar and the agents that it has started", true},
}

func orderVerbs() []func(streams) *cobra.Command {
	verbs := make([]func(streams) *cobra.Command, 0, len(orders))
	for _, o := range orders {
		verbs = append(verbs, func(std streams) *cobra.Command {
			if o.global {
				return globalVerb(std, o.command, o.short)
			}
			return agentVerb(std, o.command, o.short)
		})
	}
	return verbs
}

// globalVerb is an order about the whole sidecar.
func globalVerb(std streams, command heal.Command, short string) *cobra.Command {
	var f clientFlags
	name, reason := string(command), ""
	cmd := &cobra.Command{Use: name, Short: short, Example: "  healer-sidecar " + name, Args: cobra.NoArgs}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return f.order(cmd, std, heal.Order{Command: command, Reason: reason}, name, name+": done")
	}
	f.register(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever looks next")
	return cmd
}

// orderFlags are those of an order about agents.
type orderFlags struct {
	clientFlags
	reason   string
	all, yes bool
}

// agentVerb is an order about one agent, several, or all.
func agentVerb(std streams, command heal.Command, short string) *cobra.Command {
	var f orderFlags
	name := string(command)
	cmd := &cobra.Command{
		Use: name + " (AGENT... | --all)", Short: short,
		Example: fmt.Sprintf("  healer-sidecar %s researcher\n  healer-sidecar %s --all --reason 'new release'", name, name),
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.all && len(args) > 0:
				return errors.New("both --all and names of agents are given")
			case !f.all && len(args) == 0:
				return errors.New("no agent is named; --all means all of them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, std, command, args) },
	}
	cmd.ValidArgsFunction = f.agents
	f.register(cmd)
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for whoever looks next")
	cmd.Flags().BoolVar(&f.all, "all", false, "all agents; asks first on a terminal")
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	return cmd
}

// target is an agent and the sidecar that has it.
type target struct {
	client *control.Client
	status heal.AgentStatus
}

func (f *orderFlags) run(cmd *cobra.Command, std streams, command heal.Command, names []string) error {
	targets, err := f.targets(cmd.Context(), names)
	if err != nil {
		return err
	}
	if f.all && !f.yes {
		if err := std.confirm(fmt.Sprintf("%s %s?", command, present.Count(len(targets), "agent"))); err != nil {
			return err
		}
	}
	var failed error
	for _, t := range targets {
		if err := f.give(cmd.Context(), std, command, t); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// targets finds the named agents, or all. With one running sidecar an unknown name is left to it: it
// knows names that are alike.
func (f *orderFlags) targets(ctx context.Context, names []string) ([]target, error) {
	if !f.all {
		var all []target
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
			c, err := f.dialFor(ctx, name)
			if err != nil {
				return nil, err
			}
			a := heal.AgentStatus{Agent: name}
			if known := statusIn(ctx, c, name); known != nil {
				a = *known
			}
			all = append(all, target{c, a})
		}
		return all, nil
	}
	clients, err := f.dialAll()
	if err != nil {
		return nil, err
	}
	if len(clients) > 1 {
		return nil, f.several(clients) // --all means all agents of one sidecar
	}
	s, err := clients[0].Status(ctx)
	if err != nil {
		return nil, err
	}
	var all []target
	for _, a := range s.Agents {
		all = append(all, target{clients[0], a})
	}
	return all, nil
}

func (f *orderFlags) give(ctx context.Context, std streams, command heal.Command, t target) error {
	what := string(command) + " " + t.status.Agent
	if nothing := present.NothingToDo(command, t.status); nothing != "" {
		if f.json {
			return nil
		}
		_, err := fmt.Fprintf(std.out, "%s: nothing to do: %s\n", what, nothing)
		return err
	}
	o := heal.Order{Command: command, Agent: t.status.Agent, Reason: f.reason}
	done := std.progress(what)
	err := t.client.Order(ctx, o)
	done()
	if err != nil {
		return fmt.Errorf("cannot %s: %w", what, err)
	}
	if f.json {
		return printJSON(std, o)
	}
	_, err = fmt.Fprintln(std.out, what+": done")
	return err
}

// confirm asks on a terminal; without one nobody is asked and the answer is yes.
func (s streams) confirm(question string) error {
	in, ok := s.in.(*os.File)
	if !ok || !isatty.IsTerminal(in.Fd()) {
		return nil
	}
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if a := strings.ToLower(strings.TrimSpace(answer)); a != "y" && a != "yes" {
		return errors.New("cancelled: nothing was done")
	}
	return nil
}
