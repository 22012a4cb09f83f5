package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

func verbExplain(std streams) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:               "explain [INCIDENT]",
		Short:             "Tell the whole story of an incident, the latest by default",
		Example:           "  healer-sidecar explain inc-1a2b3c4d",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: f.incidents,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.dial()
			if err != nil {
				return err
			}
			wanted := ""
			if len(args) == 1 {
				wanted = args[0]
			}
			story, err := storyOf(cmd.Context(), c, wanted)
			if err != nil {
				return err
			}
			if f.json {
				return printJSON(std, story)
			}
			explain(std.out, story)
			return nil
		},
	}
	f.register(cmd)
	return cmd
}

// storyOf reads the story of an incident, of the latest one without a name.
func storyOf(ctx context.Context, c *control.Client, wanted string) ([]heal.Event, error) {
	var story []heal.Event
	err := c.Events(ctx, 0, false, func(e heal.Event) bool {
		story = tell(story, e, wanted)
		return true
	})
	if err == nil && len(story) == 0 {
		err = badInput{fmt.Errorf("cannot find incident %q", wanted), "healer-sidecar events --kind incident_opened lists them"}
	}
	return story, err
}

// tell adds an event to the story of the wanted incident; without a wanted one
// the story starts anew with every incident.
func tell(story []heal.Event, e heal.Event, wanted string) []heal.Event {
	switch {
	case e.Incident == "" || wanted != "" && e.Incident != wanted:
		return story
	case wanted == "" && len(story) > 0 && story[0].Incident != e.Incident && e.Kind == heal.EventOpened:
		return []heal.Event{e}
	case wanted == "" && len(story) > 0 && story[0].Incident != e.Incident:
		return story
	}
	return append(story, e)
}

func explain(w io.Writer, story []heal.Event) {
	first := story[0]
	fmt.Fprintf(w, "incident %s of agent %s, opened %s\n", first.Incident, first.Agent, first.At.Wall.Local().Format("2006-01-02 15:04:05"))
	for _, e := range story {
		fmt.Fprintf(w, "\n+%s  ", short(e.At.Sub(first.At)))
		switch e.Kind {
		case heal.EventDiagnosed:
			explainDiagnosis(w, *e.Diag)
		case heal.EventPlanned:
			explainPlan(w, *e.Plan, e.Note)
		case heal.EventAttempt:
			fmt.Fprintf(w, "attempt %s: %s\n", e.Attempt.ID, attemptName(*e.Attempt))
		case heal.EventResult:
			explainResult(w, *e.Result)
		case heal.EventOutcome:
			fmt.Fprintf(w, "outcome: %s: %s\n", e.Outcome, e.Note)
		default:
			fmt.Fprintf(w, "%s: %s\n", strings.ReplaceAll(string(e.Kind), "_", " "), strings.TrimSpace(gist(e)))
		}
	}
}

func explainDiagnosis(w io.Writer, d heal.Diagnosis) {
	fmt.Fprintf(w, "diagnosis: %s, confidence %.2f, severity %.2f, fingerprint %s\n", typeOf(&d), d.Confidence, d.Severity, d.Fingerprint)
	for _, line := range d.Evidence {
		fmt.Fprintf(w, "    evidence: %s\n", line)
	}
	for _, o := range d.Others {
		fmt.Fprintf(w, "    runner-up: %s (%.2f)\n", o.Type, o.Confidence)
	}
}

func explainPlan(w io.Writer, p heal.Plan, next string) {
	fmt.Fprintf(w, "plan: %s\n    because: %s\n", next, p.Reason)
	if p.Strategy != "" {
		fmt.Fprintf(w, "    success %.2f, risk %.2f, about %s\n", p.Success, p.Risk, short(p.Duration))
	}
	for _, b := range p.Believed {
		fmt.Fprintf(w, "    looks like:  %s (%.0f %%)\n", b.Like, 100*b.Much)
	}
	for _, o := range p.Options {
		if !o.Offered {
			fmt.Fprintf(w, "    not offered: %-18s %s\n", o.Strategy, o.Why)
			continue
		}
		fmt.Fprintf(w, "    considered:  %-18s success %.2f%s, risk %.2f, costs %s for each success%s, gate: %s\n",
			o.Strategy, o.Success, between(o), o.Risk, short(o.Index), waiting(o), gateText(o.Verdicts, len(p.Rules)))
	}
}

// between is where the chance lies with 80 %, where that was worked out.
func between(o heal.Option) string {
	if o.High == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.2f to %.2f)", o.Low, o.High)
}

func waiting(o heal.Option) string {
	if o.Wait == 0 {
		return ""
	}
	return " after a wait of " + short(o.Wait)
}

// gateText names what the gate held against an option.
func gateText(verdicts []heal.Verdict, rules int) string {
	var against []string
	for _, v := range verdicts {
		against = append(against, fmt.Sprintf("%s by %s (%s)", v.Decision, v.Rule, v.Reason))
	}
	if len(against) == 0 {
		return fmt.Sprintf("all %d rules allow", rules)
	}
	return strings.Join(against, ", ")
}

func explainResult(w io.Writer, r heal.Result) {
	if r.Error != "" {
		fmt.Fprintf(w, "attempt %s could not be carried out: %s\n", r.Attempt, r.Error)
		return
	}
	fmt.Fprintf(w, "attempt %s was carried out in %s\n", r.Attempt, short(r.Took))
	for _, line := range r.InForce {
		fmt.Fprintf(w, "    in force: %s\n", line)
	}
}
