package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/heal"
)

// completeWithin bounds how long the shell waits for names.
const completeWithin = 500 * time.Millisecond

// agents completes the names of the agents of the running sidecar, incidents those of the
// open incidents.
func (f *clientFlags) agents(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	return f.names(begun, func(a heal.AgentStatus) (string, string) { return a.Agent, a.Health })
}

func (f *clientFlags) incidents(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	return f.names(begun, func(a heal.AgentStatus) (string, string) { return a.Incident, a.Agent + " " + string(a.Type) })
}

// names asks for the status and completes one word of each agent, with what it is.
func (f *clientFlags) names(begun string, of func(heal.AgentStatus) (name, what string)) ([]string, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(context.Background(), completeWithin)
	defer cancel()
	clients, err := f.dialAll()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, c := range clients {
		s, err := c.Status(ctx)
		if err != nil {
			continue
		}
		for _, a := range s.Agents {
			if name, what := of(a); name != "" && strings.HasPrefix(name, begun) {
				names = append(names, name+"\t"+what)
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
