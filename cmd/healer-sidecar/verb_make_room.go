package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/cgroup"
)

// verbMakeRoom is called by the shipped units after every end.
func verbMakeRoom(streams) *cobra.Command {
	return &cobra.Command{
		Use:     "make-room",
		Short:   "Let systemd put a new sidecar in the place of one that died; the shipped units call it",
		Example: "  ExecStopPost=-/usr/bin/healer-sidecar make-room",
		Args:    cobra.NoArgs,
		Hidden:  true,
		RunE: func(*cobra.Command, []string) error {
			if err := cgroup.MakeRoom(); err != nil {
				return fmt.Errorf("cannot make room: %w", err)
			}
			return nil
		},
	}
}
