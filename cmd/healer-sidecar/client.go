package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/daemon"
	"healer-sidecar/internal/heal"
)

// clientFlags are those of every verb that asks a running sidecar. Without any of them every running
// sidecar of the user is asked.
type clientFlags struct {
	stateDir, config, socket string
	json                     bool
	// past says that a sidecar which has ended can be asked too.
	past bool
}

// registerPast is register for a verb that only reads what happened.
func (f *clientFlags) registerPast(cmd *cobra.Command) {
	f.past = true
	f.register(cmd)
}

func (f *clientFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "state directory of the sidecar (default: every running sidecar of yours)")
	cmd.Flags().StringVar(&f.config, "config", "", "policy that the sidecar was started with; it may be broken")
	cmd.Flags().StringVar(&f.socket, "socket", "", "socket that the access block of the policy opens for you")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
}

// dialAll finds the running sidecars that are meant, at least one.
func (f *clientFlags) dialAll() ([]*control.Client, error) {
	if f.socket != "" {
		return []*control.Client{control.Dial(f.socket)}, nil
	}
	var paths []string
	var err error
	if f.config != "" && f.stateDir == "" {
		usual, _ := policyStateDir(f.config, config.StateDirOf(f.config))
		var path string
		path, err = daemon.FindByPolicy(f.config, usual)
		paths = []string{path}
	} else {
		paths, err = daemon.FindSockets(f.stateDir)
	}
	if err != nil {
		if c := f.finished(); c != nil {
			return []*control.Client{c}, nil
		}
		return nil, badInput{err, f.remedy()}
	}
	all := make([]*control.Client, len(paths))
	for i, path := range paths {
		all[i] = control.Dial(path)
	}
	return all, nil
}

// finished is what a sidecar that has ended left: the one that is named, or the last one. It is nil for
// none, and for a verb that needs one that runs.
func (f *clientFlags) finished() *control.Client {
	dir := f.stateDir
	switch {
	case !f.past:
		return nil
	case dir == "" && f.config != "":
		dir, _ = policyStateDir(f.config, config.StateDirOf(f.config))
	case dir == "":
		dir = daemon.LastFinished()
	}
	if dir == "" {
		return nil
	}
	c, err := daemon.Finished(dir)
	if err != nil {
		return nil // that none is running tells more
	}
	return c
}

// remedy is what helps when no sidecar was found.
func (f *clientFlags) remedy() string {
	switch {
	case f.config != "" && f.stateDir == "":
		return "start it with healer-sidecar run --config " + f.config + ", or see healer-sidecar state list"
	case f.stateDir != "":
		return "healer-sidecar status without --state-dir shows the sidecars that are running"
	}
	return "start one with healer-sidecar run; for the sidecar of another user or a service, name its --socket or use sudo"
}

// dial finds the only sidecar that is meant.
func (f *clientFlags) dial() (*control.Client, error) {
	all, err := f.dialAll()
	if err != nil {
		return nil, err
	}
	if len(all) > 1 {
		return nil, f.several(all)
	}
	return all[0], nil
}

// several says that a verb needs one sidecar and found more.
func (f *clientFlags) several(all []*control.Client) error {
	dirs := make([]string, len(all))
	for i, c := range all {
		dirs[i] = filepath.Dir(c.Path())
	}
	return badInput{
		fmt.Errorf("cannot choose a sidecar: %d are running: %s", len(all), strings.Join(dirs, ", ")),
		"add --state-dir " + dirs[0] + ", or another one of them",
	}
}

// dialFor finds the sidecar that has what is named: an agent or an open incident. Where only one is
// running it is that one, whatever is named.
func (f *clientFlags) dialFor(ctx context.Context, name string) (*control.Client, error) {
	all, err := f.dialAll()
	if err != nil {
		return nil, err
	}
	if len(all) == 1 {
		return all[0], nil
	}
	if name == "" {
		return nil, f.several(all)
	}
	var having []*control.Client
	for _, c := range all {
		s, err := c.Status(ctx)
		if err == nil && slices.ContainsFunc(s.Agents, func(a heal.AgentStatus) bool { return a.Agent == name || a.Incident == name }) {
			having = append(having, c)
		}
	}
	switch len(having) {
	case 0:
		return nil, badInput{fmt.Errorf("cannot find %q: none of the %d running sidecars has it", name, len(all)), "healer-sidecar status lists agents and incidents"}
	case 1:
		return having[0], nil
	}
	return nil, f.several(having)
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

// askAll puts a question to every sidecar that is meant. Several answers in JSON are an array. One
// that cannot answer is no reason to hide the others.
func askAll[T any](f *clientFlags, cmd *cobra.Command, std streams, question func(*control.Client, context.Context) (T, error), show func(T) error) error {
	all, err := f.dialAll()
	if err != nil {
		return err
	}
	var answers []T
	var failed error
	for _, c := range all {
		answer, err := question(c, cmd.Context())
		if err != nil {
			failed = err
			continue
		}
		answers = append(answers, answer)
	}
	switch {
	case len(answers) == 0:
		return failed
	case f.json && len(all) == 1:
		return printJSON(std, answers[0])
	case f.json:
		return printJSON(std, answers)
	}
	for i, answer := range answers {
		if i > 0 {
			fmt.Fprintln(std.out)
		}
		if err := show(answer); err != nil {
			return err
		}
	}
	return nil
}

// order gives a sidecar a command: the one that has the agent or incident which it names. What names
// it in an error, said is what is shown when it was carried out.
func (f *clientFlags) order(cmd *cobra.Command, std streams, o heal.Order, what, said string) error {
	c, err := f.dialFor(cmd.Context(), cmp.Or(o.Incident, o.Agent))
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

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
