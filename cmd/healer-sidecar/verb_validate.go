package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/simulate"
)

// finding is one problem of a policy in JSON.
type finding struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Error  string `json:"error"`
	Hint   string `json:"hint"`
}

func verbValidate(std streams) *cobra.Command {
	var asJSON, explain bool
	cmd := &cobra.Command{
		Use:   "validate PATH",
		Short: "Check a policy and list every problem; nothing is started",
		Example: `  healer-sidecar validate /etc/healer-sidecar/agent.hcl
  healer-sidecar validate --explain agent.hcl`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := config.Load(args[0])
			if err == nil {
				err = compile.Check(p)
			}
			if asJSON {
				return validateJSON(std, err)
			}
			if err != nil {
				return validateText(std, err)
			}
			if explain {
				return explainPolicy(std, p)
			}
			_, err = fmt.Fprintf(std.out, "%s is valid: %s, %s to notify\n", args[0], plural(len(p.Agents), "agent"), plural(len(p.Notify), "way"))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&explain, "explain", false, "print what is done, and when, for an agent that fails at every start")
	return cmd
}

// explainPolicy prints the schedule of every agent until people are called.
func explainPolicy(std streams, p *config.Policy) error {
	for _, a := range p.Agents {
		fmt.Fprintf(std.out, "agent %s, if it fails at once at every start:\n", a.Name)
		steps, err := simulate.Schedule(a.Heal)
		for _, s := range steps {
			fmt.Fprintf(std.out, "  after %-10s %s\n", s.After.Round(time.Second), s.Strategy)
		}
		if err != nil {
			fmt.Fprintf(std.out, "  and no more: %v\n", err)
			continue
		}
		fmt.Fprintf(std.out, "  and then: %s\n", afterwards[a.Heal.OnLimit])
	}
	return nil
}

var afterwards = map[heal.OnLimit]string{
	heal.OnLimitSlow: "tried again at long intervals, forever (on_limit = slow)",
	heal.OnLimitStop: "left down (on_limit = stop)",
	heal.OnLimitHold: "held until a person releases it (on_limit = hold)",
}

func validateText(std streams, err error) error {
	var wrong *config.Error
	if !errors.As(err, &wrong) {
		return badInput{err, "name a policy file or a directory that can be read"}
	}
	for _, d := range wrong.Problems {
		fmt.Fprintf(std.out, "%s\n  hint: %s\n", config.Line(d), d.Detail)
	}
	return exitWith{code: exitUsage}
}

func validateJSON(std streams, err error) error {
	found := []finding{}
	var wrong *config.Error
	switch {
	case errors.As(err, &wrong):
		for _, d := range wrong.Problems {
			f := finding{Error: d.Summary, Hint: d.Detail}
			if d.Subject != nil {
				f.File, f.Line, f.Column = d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column
			}
			found = append(found, f)
		}
	case err != nil:
		found = append(found, finding{Error: err.Error()})
	}
	if err := json.NewEncoder(std.out).Encode(found); err != nil {
		return err
	}
	if len(found) > 0 {
		return exitWith{code: exitUsage}
	}
	return nil
}

// plural is a number of things in words.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
