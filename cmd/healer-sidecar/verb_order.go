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
	name := string(command)
	cmd := &cobra.Command{
		Use: name + " AGENT", Short: short, Example: "  healer-sidecar " + name + " researcher", Args: cobra.ExactArgs(1),
	}
	if global {
		cmd.Use, cmd.Example, cmd.Args = name, "  healer-sidecar "+name, cobra.NoArgs
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := heal.Order{Command: command}
		if !global {
			o.Agent = args[0]
		}
		what := strings.TrimSpace(name + " " + o.Agent)
		return f.order(cmd, std, o, what, what+": done")
	}
	f.register(cmd)
	return cmd
}
