package main

import (
	"encoding/json"
	"fmt"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/app"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
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
	f.register(cmd)
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, "go on with what happens next")
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
	_, err := fmt.Fprintf(std.out, "%6d  %s  %-12s  %-17s  %s\n", e.Seq, e.At.Wall.Local().Format("15:04:05.000"), orDash(e.Agent), e.Kind, gist(e))
	return err
}

// gist is the point of an event in a line.
func gist(e heal.Event) string {
	switch {
	case e.Run != nil:
		return fmt.Sprintf("run %d, pid %d", e.Run.Run, e.Run.PID)
	case e.Signal != nil:
		return fmt.Sprintf("%s %s %s", e.Signal.Detector, e.Signal.State, signalGist(*e.Signal))
	case e.Kind == heal.EventSnapshot:
		return e.Note
	case e.Kind == heal.EventClosed:
		return fmt.Sprintf("%s %s after %s: %s", e.Incident, e.Outcome, short(e.Took), e.Note)
	case e.Diag != nil:
		return fmt.Sprintf("%s: %s (%.2f), severity %.2f", e.Incident, typeOf(e.Diag), e.Diag.Confidence, e.Diag.Severity)
	case e.Outcome != "":
		return fmt.Sprintf("%s: %s", e.Outcome, e.Note)
	case e.Attempt != nil:
		return e.Attempt.ID + " " + attemptName(*e.Attempt)
	case e.Result != nil && e.Result.Error != "":
		return e.Result.Attempt + ": " + e.Result.Error
	case e.Result != nil:
		return fmt.Sprintf("%s done in %s", e.Result.Attempt, short(e.Result.Took))
	case e.Lesson != nil:
		return fmt.Sprintf("%s for %s: %s", e.Lesson.Strategy, e.Lesson.Type, e.Lesson.Outcome)
	case e.Exit != nil:
		return app.ExitText(e.Exit)
	case e.Shared != nil:
		return fmt.Sprintf("%d patterns of other hosts", len(e.Shared))
	case e.Kind == heal.EventOrderDone || e.Kind == heal.EventOrderFailed:
		return e.Note
	case e.Command != nil:
		return fmt.Sprintf("%s by uid %d", e.Command.Command, e.Command.UID)
	}
	return e.Incident + " " + e.Note
}

func signalGist(s heal.Signal) string {
	switch {
	case s.Reading != nil:
		return fmt.Sprintf("%.4g (limit %.4g)", s.Reading.Value, s.Reading.Limit)
	case s.Exit != nil:
		return app.ExitText(s.Exit)
	}
	return s.Text
}

func attemptName(a heal.Attempt) string {
	name := string(a.Strategy)
	if a.Task != "" {
		name = string(a.Task)
	}
	if a.Undo {
		return "undo " + name
	}
	return name
}

// typeOf is the type of a failure with its cause, where that is known.
func typeOf(d *heal.Diagnosis) string {
	if d.Cause == "" {
		return string(d.Type)
	}
	return fmt.Sprintf("%s (%s)", d.Type, d.Cause)
}
