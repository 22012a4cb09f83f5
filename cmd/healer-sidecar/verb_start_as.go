package main

import (
	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/procs"
)

// verbStartAs stands between the sidecar and a process that it starts as somebody else.
func verbStartAs(streams) *cobra.Command {
	return &cobra.Command{
		Use:     "start-as",
		Short:   "Start a program as the user, and within the limits, that it had; the sidecar starts it",
		Example: "  healer-sidecar start-as 20<DESCRIPTION",
		Args:    cobra.NoArgs,
		Hidden:  true,
		RunE:    func(*cobra.Command, []string) error { return procs.StartAs() },
	}
}
