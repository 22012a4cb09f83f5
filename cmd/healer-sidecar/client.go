package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/app"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/heal"
)

// clientFlags are those of every verb that asks a running sidecar.
type clientFlags struct {
	stateDir, config, socket string
	json                     bool
}

func (f *clientFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "state directory of the sidecar (default: the only one that is running)")
	cmd.Flags().StringVar(&f.config, "config", "", "policy that the sidecar was started with")
	cmd.Flags().StringVar(&f.socket, "socket", "", "socket that the access block of the policy opens for you")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// dial finds the running sidecar.
func (f *clientFlags) dial() (*control.Client, error) {
	if f.socket != "" {
		return control.Dial(f.socket), nil
	}
	if f.config != "" && f.stateDir == "" {
		dir, err := policyStateDir(f.config, config.StateDirOf(f.config))
		if err != nil {
			return nil, err
		}
		f.stateDir = dir
	}
	path, err := app.FindSocket(f.stateDir)
	if errors.Is(err, app.ErrManySidecars) {
		return nil, badInput{err, "name one with --state-dir"}
	}
	if err != nil {
		return nil, badInput{err, "start one with healer-sidecar run, or name its directory with --state-dir"}
	}
	return control.Dial(path), nil
}

// ask puts a question to the running sidecar and shows the answer, as JSON where that is
// wanted.
func ask[T any](f *clientFlags, cmd *cobra.Command, std streams, question func(*control.Client, context.Context) (T, error), show func(T) error) error {
	c, err := f.dial()
	if err != nil {
		return err
	}
	answer, err := question(c, cmd.Context())
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(std, answer)
	}
	return show(answer)
}

// order gives the running sidecar a command. What names it in an error, said is what is
// shown when it was carried out.
func (f *clientFlags) order(cmd *cobra.Command, std streams, o heal.Order, what, said string) error {
	c, err := f.dial()
	if err != nil {
		return err
	}
	done := std.progress(what)
	err = c.Order(cmd.Context(), o)
	done()
	if err != nil {
		return fmt.Errorf("cannot %s: %w", what, err)
	}
	if f.json {
		return printJSON(std, o)
	}
	_, err = fmt.Fprintln(std.out, said)
	return err
}

func printJSON(std streams, v any) error {
	enc := json.NewEncoder(std.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// short rounds a duration for people.
func short(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
