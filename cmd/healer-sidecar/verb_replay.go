package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/offline"
	"healer-sidecar/internal/present"
)

// replayFlags are those of replay.
type replayFlags struct {
	policy, stateDir, events string
	json, all                bool
}

func verbReplay(std streams) *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Try another policy on the recorded decisions and print those that differ",
		Long: `Try another policy on the recorded decisions and print those that differ. Every plan of
the journal is made again, on the evidence, the beliefs and the circumstances of its time;
what would have come of it later is not guessed. The same record and policy give the same
output. Nothing is done to any process, and the sidecar may run meanwhile.`,
		Example: `  healer-sidecar replay --policy new.hcl --state-dir /var/lib/healer-sidecar/agents
  healer-sidecar events --json | healer-sidecar replay --policy new.hcl --events -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(std) },
	}
	cmd.Flags().StringVar(&f.policy, "policy", "", "policy to try")
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "state directory whose journal is read (default: of the only sidecar that is running)")
	cmd.Flags().StringVar(&f.events, "events", "", "file that events --json has printed, or - for standard input")
	cmd.Flags().BoolVar(&f.all, "all", false, "also print the decisions that are the same")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON lines")
	return cmd
}

func (f *replayFlags) run(std streams) error {
	if f.policy == "" {
		return badInput{errors.New("cannot replay: no policy is named"), "name one with --policy"}
	}
	policy, err := config.Load(f.policy)
	if err != nil {
		return badInput{err, "see healer-sidecar validate " + f.policy}
	}
	events, done, err := f.source(std)
	if err != nil {
		return err
	}
	defer done()
	decisions, differ := 0, 0
	err = offline.Replay(policy, events, func(d engine.Redecision) error {
		decisions++
		if d.Differs {
			differ++
		} else if !f.all {
			return nil
		}
		return f.print(std, d)
	})
	if err != nil || f.json {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%d decisions, %d differ\n", decisions, differ)
	return err
}

// source opens the record.
func (f *replayFlags) source(std streams) (events func(func(heal.Event) bool) error, done func() error, err error) {
	nothing := func() error { return nil }
	switch f.events {
	case "":
	case "-":
		return offline.Printed(std.in), nothing, nil
	default:
		file, err := os.Open(f.events)
		if err != nil {
			return nil, nil, badInput{fmt.Errorf("cannot replay: %w", err), "name a file that events --json has printed"}
		}
		return offline.Printed(file), file.Close, nil
	}
	dir := f.stateDir
	if dir == "" {
		c, err := new(clientFlags).dial()
		if err != nil {
			return nil, nil, err
		}
		dir = offline.DirOf(c.Path())
	}
	events, err = offline.Recorded(dir)
	if err != nil {
		return nil, nil, badInput{err, "name the state directory of a sidecar"}
	}
	return events, nothing, nil
}

func (f *replayFlags) print(std streams, d engine.Redecision) error {
	if f.json {
		return json.NewEncoder(std.out).Encode(d)
	}
	mark := "same"
	if d.Differs {
		mark = "differs"
	}
	_, err := fmt.Fprintf(std.out, "%6d  %s  %-12s  %s  %s\n        was:   %s\n        would: %s\n",
		d.Seq, d.At.UTC().Format("2006-01-02 15:04:05"), d.Agent, d.Incident, mark, choiceText(d.Was), choiceText(d.Would))
	return err
}

func choiceText(c engine.Choice) string {
	switch {
	case c.Strategy == "":
		return fmt.Sprintf("nothing, by %s: %s", orDash(c.Rule), c.Reason)
	case c.Delay > 0:
		return fmt.Sprintf("%s in %s: %s", c.Strategy, present.Short(c.Delay), c.Reason)
	}
	return fmt.Sprintf("%s: %s", c.Strategy, c.Reason)
}
