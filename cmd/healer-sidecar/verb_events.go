package main

import (
	"encoding/json"
	"fmt"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

// eventFlags choose events.
type eventFlags struct {
	clientFlags
	follow          bool
	agent, incident string
	kinds           []string
	after           uint64
	limit           int
}

func verbEvents(std streams) *cobra.Command {
	var f eventFlags
	cmd := &cobra.Command{
		Use:     "events",
		Short:   "Print what happened, oldest first",
		Example: "  healer-sidecar events --follow --agent researcher --kind diagnosed,outcome",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			c, err := f.dial()
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			return c.Events(ctx, f.after, f.follow, func(e heal.Event) bool {
				if !f.wants(e) {
					return true
				}
				f.limit--
				return f.print(std, e) == nil && f.limit != 0
			})
		},
	}
	f.registerPast(cmd)
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, "keep streaming what happens next")
	cmd.Flags().StringVar(&f.agent, "agent", "", "only this agent")
	cmd.Flags().StringVar(&f.incident, "incident", "", "only this incident")
	cmd.Flags().StringSliceVar(&f.kinds, "kind", nil, "only these kinds, as in diagnosed,outcome")
	numberFlag(cmd, &f.limit, "limit", "", 0, 0, 1<<30, "end after so many events (0: no limit)")
	cmd.Flags().Uint64Var(&f.after, "after", 0, "only what follows this sequence number")
	return cmd
}

// check refuses a kind that no event can have.
func (f *eventFlags) check() error {
	var known []string
	for _, k := range heal.EventKinds {
		known = append(known, string(k))
	}
	for _, k := range f.kinds {
		if !slices.Contains(known, k) {
			return badInput{fmt.Errorf("cannot print events: %q is no kind of event", k), config.Suggest(k, known)}
		}
	}
	return nil
}

func (f *eventFlags) wants(e heal.Event) bool {
	return (f.agent == "" || e.Agent == f.agent) && (f.incident == "" || e.Incident == f.incident) &&
		(len(f.kinds) == 0 || slices.Contains(f.kinds, string(e.Kind)))
}

func (f *eventFlags) print(std streams, e heal.Event) error {
	if f.json {
		return json.NewEncoder(std.out).Encode(e)
	}
	_, err := fmt.Fprintf(std.out, "%6d  %s  %-12s  %-17s  %s\n", e.Seq, e.At.Wall.Local().Format("15:04:05.000"), orDash(e.Agent), e.Kind, present.Gist(e))
	return err
}
