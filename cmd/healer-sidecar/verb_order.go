package main

import (
	"strings"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/heal"
)

// orders are the verbs that tell a running sidecar to do something. A person's
// order is never refused by a budget.
var orders = []struct {
	command heal.Command
	short   string
	// global orders concern the whole sidecar.
	global bool
}{
	{heal.CommandStart, "Start an agent that is down", false},
	{heal.CommandStop, "Stop an agent with its whole tree; it stays stopped until started", false},
	{heal.CommandRestart, "Stop an agent with its whole tree and start it", false},
	{heal.CommandHold, "Leave an agent as it is: whatever fails is seen, and nothing is done until it is released", false},
	{heal.CommandIsolate, "Freeze an agent with its whole tree, keep evidence, and hold it until it is released", false},
	{heal.CommandRelease, "Let an agent go on that is frozen or held", false},
	{heal.CommandPause, "Switch healing off; detection goes on", true},
	{heal.CommandResume, "Switch healing on again", true},
	{heal.CommandReload, "Read the policy again and put in force what has changed; nothing else is touched", true},
	{heal.CommandUpgrade, "Let the program that lies at the sidecar's path now take over; agents run on", true},
}

func orderVerbs() []func(streams) *cobra.Command {
	verbs := make([]func(streams) *cobra.Command, 0, len(orders))
	for _, o := range orders {
		verbs = append(verbs, func(std streams) *cobra.Command { return orderVerb(std, o.command, o.short, o.global) })
	}
	return verbs
}

func orderVerb(std streams, command heal.Command, short string, global bool) *cobra.Command {
	var f clientFlags
	name, reason := string(command), ""
	cmd := &cobra.Command{
		Use: name + " AGENT", Short: short, Example: "  healer-sidecar " + name + " researcher", Args: cobra.ExactArgs(1),
	}
	cmd.ValidArgsFunction = f.agents
	if global {
		cmd.ValidArgsFunction = nil
		cmd.Use, cmd.Example, cmd.Args = name, "  healer-sidecar "+name, cobra.NoArgs
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := heal.Order{Command: command, Reason: reason}
		if !global {
			o.Agent = args[0]
		}
		what := strings.TrimSpace(name + " " + o.Agent)
		return f.order(cmd, std, o, what, what+": done")
	}
	f.register(cmd)
	if command == heal.CommandHold || command == heal.CommandIsolate {
		cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever looks next")
	}
	return cmd
}
