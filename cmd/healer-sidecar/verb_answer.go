package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/heal"
)

func verbApprove(std streams) *cobra.Command {
	var f clientFlags
	refuse := false
	cmd := &cobra.Command{
		Use:   "approve INCIDENT",
		Short: "Approve (or refuse) a remedy that is waiting for approval",
		Long: `Approve a remedy that is waiting for approval, or refuse it. A policy asks
with approve = ["restart"]; without an answer within approve_within it is not done.`,
		Example:           "  healer-sidecar approve inc-1a2b3c4d\n  healer-sidecar approve --refuse inc-1a2b3c4d",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: f.incidents,
		RunE: func(cmd *cobra.Command, args []string) error {
			o := heal.Order{Command: heal.CommandApprove, Incident: args[0]}
			if refuse {
				o.Command = heal.CommandRefuse
			}
			what := fmt.Sprintf("%s %s", o.Command, o.Incident)
			return f.order(cmd, std, o, what, what+": done")
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&refuse, "refuse", false, "refuse it: it is not carried out")
	return cmd
}

func verbAck(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:               "ack INCIDENT",
		Short:             "Acknowledge an incident and silence notifications until it is resolved",
		Example:           "  healer-sidecar ack inc-1a2b3c4d",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: f.incidents,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.order(cmd, std, heal.Order{Command: heal.CommandAck, Incident: args[0]}, "acknowledge "+args[0], args[0]+": acknowledged")
		},
	}
	f.register(cmd)
	return cmd
}
