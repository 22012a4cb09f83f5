package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/daemon"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/statedir"
)

// attachFlags say which process is meant.
type attachFlags struct {
	runFlags
	name, pid, pidfile, match, user string
	captured                        bool
}

func verbAttach(std streams) *cobra.Command {
	var f attachFlags
	cmd := &cobra.Command{
		Use:   "attach (--pid N | --pidfile FILE | --match EXPR)",
		Short: "Watch and heal a process that something else has started",
		Example: "  healer-sidecar attach --pid 4711\n" +
			"  healer-sidecar attach --match 'python3 agent[.]py' --captured",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return attach(std, f) },
	}
	cmd.Flags().StringVar(&f.pid, "pid", "", "number of the process")
	cmd.Flags().StringVar(&f.pidfile, "pidfile", "", "file that holds the number")
	cmd.Flags().StringVar(&f.match, "match", "", "expression that one command line matches, and no other")
	cmd.Flags().StringVar(&f.user, "user", "", "owner of the process (default: yourself)")
	cmd.Flags().StringVar(&f.name, "name", "", "what to call the agent")
	cmd.Flags().BoolVar(&f.captured, "captured", false, "consent to start it again with the arguments, directory and environment it had")
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "where to keep the journal and what was learned")
	f.registerLog(cmd)
	return cmd
}

func attach(std streams, f attachFlags) error {
	a, err := f.target()
	if err != nil {
		return err
	}
	o := daemon.Options{Version: version, Out: std.out, Err: std.err, Policy: daemon.AttachPolicy(f.name, a), StateDir: f.stateDir}
	if o.StateDir == "" {
		o.StateDir, err = statedir.For("attached", f.pid, f.pidfile, f.match, strconv.FormatBool(f.captured))
	}
	if err != nil {
		return err
	}
	if err := compile.CheckAttach(a); err != nil {
		return badInput{fmt.Errorf("cannot attach: %w", err), "name one process of yours that is running; healer-sidecar attach --help"}
	}
	return runWith(std, f.runFlags, o)
}

func (f attachFlags) target() (config.Attach, error) {
	a := config.Attach{PIDFile: f.pidfile, Match: f.match, User: f.user, Captured: f.captured}
	named := 0
	for _, text := range []string{f.pid, f.pidfile, f.match} {
		if text != "" {
			named++
		}
	}
	if named != 1 {
		return a, badInput{errors.New("cannot attach: exactly one of --pid, --pidfile and --match is needed"), "see healer-sidecar attach --help"}
	}
	if f.pid == "" {
		return a, nil
	}
	pid, err := procs.ParsePID(f.pid)
	if err != nil {
		return a, badInput{fmt.Errorf("cannot attach: %w", err), "write the number of a process"}
	}
	a.PID = pid
	return a, nil
}
