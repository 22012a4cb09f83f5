package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/present"
)

func verbExplain(std streams) *cobra.Command {
	var f clientFlags
	verbose := false
	cmd := &cobra.Command{
		Use:   "explain [INCIDENT | AGENT]",
		Short: "Explain an incident: cause, what was tried, what happens next",
		Long: "Explain an incident, the latest by default, or the latest one of an agent: its cause, what was tried, what\n" +
			"happens next, and what you can do. --verbose prints every record with all evidence and every option.",
		Example:           "  healer-sidecar explain\n  healer-sidecar explain inc-1a2b3c4d --verbose\n  healer-sidecar explain researcher",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: f.incidents,
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted := ""
			if len(args) == 1 {
				wanted = args[0]
			}
			c, story, err := f.find(cmd.Context(), wanted)
			if err != nil {
				return err
			}
			if f.json {
				return printJSON(std, story)
			}
			if verbose {
				explainAll(std.out, story)
				return nil
			}
			explain(std, story, statusIn(cmd.Context(), c, story[0].Agent), time.Now())
			return nil
		},
	}
	f.registerPast(cmd)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "every record, with all evidence and every option that was considered")
	return cmd
}

// find looks for the story of an incident in every sidecar that is meant; without a name it is the
// latest of all.
func (f *clientFlags) find(ctx context.Context, wanted string) (*control.Client, []heal.Event, error) {
	all, err := f.dialAll()
	if err != nil {
		return nil, nil, err
	}
	var in *control.Client
	var latest []heal.Event
	var failed error
	for _, c := range all {
		story, err := storyOf(ctx, c, wanted)
		if err != nil {
			failed = err
			continue
		}
		if latest == nil || story[0].At.Wall.After(latest[0].At.Wall) {
			in, latest = c, story
		}
	}
	if latest == nil {
		return nil, nil, failed
	}
	return in, latest, nil
}

// statusIn is the agent as it is now; nil for one that is not in the policy any more.
func statusIn(ctx context.Context, c *control.Client, agent string) *heal.AgentStatus {
	s, err := c.Status(ctx)
	if err != nil {
		return nil
	}
	i := slices.IndexFunc(s.Agents, func(a heal.AgentStatus) bool { return a.Agent == agent })
	if i < 0 {
		return nil
	}
	return &s.Agents[i]
}

// storyOf reads the story of an incident, of the latest one without a name, or of the latest of an agent.
func storyOf(ctx context.Context, c *control.Client, wanted string) ([]heal.Event, error) {
	var story []heal.Event
	err := c.Events(ctx, 0, false, func(e heal.Event) bool {
		story = tell(story, e, wanted)
		return true
	})
	if err == nil && len(story) == 0 && wanted == "" {
		err = badInput{fmt.Errorf("cannot explain: there was no incident yet"), "healer-sidecar status shows the agents"}
	}
	if err == nil && len(story) == 0 {
		err = badInput{fmt.Errorf("cannot find incident %q", wanted), "healer-sidecar events --kind incident_opened lists them"}
	}
	return story, err
}

// tell adds an event to the story of the wanted incident; without a wanted one, or with the name of an
// agent, the story begins again with every incident.
func tell(story []heal.Event, e heal.Event, wanted string) []heal.Event {
	switch {
	case e.Incident == "":
		return story
	case e.Incident == wanted:
		if len(story) > 0 && story[0].Incident != wanted {
			story = nil
		}
		return append(story, e)
	case wanted != "" && e.Agent != wanted:
		return story
	case len(story) > 0 && story[0].Incident == e.Incident:
		return append(story, e)
	case e.Kind == heal.EventOpened || len(story) == 0:
		return []heal.Event{e}
	}
	return story
}

// explain says in a few lines what a person must know of an incident.
func explain(std streams, story []heal.Event, a *heal.AgentStatus, now time.Time) {
	i := present.Fold(story)
	if a != nil && a.Incident == i.ID && a.Card != nil {
		printCard(std, *a.Card, now)
	} else {
		for _, line := range present.ClosedLines(i, std.columns()) {
			fmt.Fprintln(std.out, line)
		}
	}
	fmt.Fprintf(std.out, "Details   healer-sidecar explain %s --verbose\n", i.ID)
}

// explainAll prints every record of an incident.
func explainAll(w io.Writer, story []heal.Event) {
	first := story[0]
	fmt.Fprintf(w, "incident %s of agent %s, opened %s\n", first.Incident, first.Agent, first.At.Wall.Local().Format("2006-01-02 15:04:05"))
	for _, e := range story {
		fmt.Fprintf(w, "\n+%s  ", present.Short(e.At.Sub(first.At)))
		switch e.Kind {
		case heal.EventDiagnosed:
			explainDiagnosis(w, *e.Diag)
		case heal.EventPlanned:
			explainPlan(w, *e.Plan, e.Note)
		case heal.EventAttempt:
			fmt.Fprintf(w, "attempt %s: %s\n", e.Attempt.ID, present.AttemptName(*e.Attempt))
		case heal.EventResult:
			explainResult(w, *e.Result)
		case heal.EventOutcome:
			fmt.Fprintf(w, "outcome: %s: %s\n", e.Outcome, e.Note)
		default:
			fmt.Fprintf(w, "%s: %s\n", strings.ReplaceAll(string(e.Kind), "_", " "), strings.TrimSpace(present.Gist(e)))
		}
	}
}

func explainDiagnosis(w io.Writer, d heal.Diagnosis) {
	fmt.Fprintf(w, "diagnosis: %s, confidence %.2f, severity %.2f, fingerprint %s\n", present.TypeOf(d), d.Confidence, d.Severity, d.Fingerprint)
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
		fmt.Fprintf(w, "    success %.2f, risk %.2f, about %s\n", p.Success, p.Risk, present.Short(p.Duration))
	}
	for _, b := range p.Believed {
		fmt.Fprintf(w, "    likely cause: %s (%.0f %%)\n", b.Like, 100*b.Much)
	}
	why, names := "", map[string][]string{}
	var reasons []string
	for _, o := range p.Options {
		if !o.Offered {
			if why = o.Why; names[why] == nil {
				reasons = append(reasons, why)
			}
			names[why] = append(names[why], string(o.Strategy))
			continue
		}
		fmt.Fprintf(w, "    considered:  %-18s success %.2f%s, risk %.2f, costs %s for each success%s, gate: %s\n",
			o.Strategy, o.Success, between(o), o.Risk, present.Short(o.Index), waiting(o), gateText(o.Verdicts, len(p.Rules)))
	}
	for _, why := range reasons { // each reason once, with all that it holds for
		fmt.Fprintf(w, "    not offered: %s: %s\n", strings.Join(names[why], ", "), why)
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
	return " after a wait of " + present.Short(o.Wait)
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
	fmt.Fprintf(w, "attempt %s was carried out in %s\n", r.Attempt, present.Short(r.Took))
	for _, line := range r.InForce {
		fmt.Fprintf(w, "    in force: %s\n", line)
	}
}
