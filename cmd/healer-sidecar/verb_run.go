package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/daemon"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/launch"
	"healer-sidecar/internal/logging"
	"healer-sidecar/internal/statedir"
)

// exitWith carries the agent's code, and the signal by which it ended, through cobra to the exit.
type exitWith struct {
	code   int
	signal syscall.Signal
}

func (e exitWith) Error() string { return fmt.Sprintf("exit code %d", e.code) }

type runFlags struct {
	config, stateDir, level string
	json, dev               bool
	// output shows what agents of a policy print; chosen says that a person decided it.
	output, outputChosen bool
	watch, ignore        []string
	streams              streamFlags
	giveUpAfter          time.Duration
}

// registerLog adds the flags of the sidecar's own log.
func (f *runFlags) registerLog(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.level, "log-level", "info", "trace, debug, info, warn, error or off")
	cmd.Flags().BoolVar(&f.json, "json", false, "write our own log as JSON lines")
}

func verbRun(std streams) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run (--config PATH | -- COMMAND [ARGUMENT...])",
		Short: "Launch agents, heal them, and end with their code",
		Example: "  healer-sidecar run -- python3 agent.py\n" +
			"  healer-sidecar run --dev -- python3 agent.py\n" +
			"  healer-sidecar run --config /etc/healer-sidecar/agent.hcl",
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() > 0 {
				return badInput{errors.New("cannot run: unexpected arguments before --"), "write healer-sidecar run -- COMMAND"}
			}
			f.outputChosen = cmd.Flags().Changed("output")
			return run(std, f, args)
		},
	}
	cmd.Flags().StringVar(&f.config, "config", "", "policy: an HCL file, or a directory of them")
	cmd.Flags().StringVar(&f.stateDir, "state-dir", "", "where to keep the journal and what was learned (default: chosen by command or policy)")
	f.streams.register(cmd)
	cmd.Flags().BoolVar(&f.dev, "dev", false, "while you work on the command: start it anew when a file changes, with short delays")
	cmd.Flags().StringArrayVar(&f.watch, "watch", nil, "with --dev, only files that match this pattern, written as in .gitignore; may be repeated")
	cmd.Flags().StringArrayVar(&f.ignore, "ignore", nil, "with --dev, no files that match this pattern, written as in .gitignore; may be repeated")
	cmd.Flags().BoolVar(&f.output, "output", false, "with --config, print what agents print, each line after the agent's name (default: on a terminal and as PID 1)")
	timeFlag(cmd, &f.giveUpAfter, "give-up-after", daemon.GiveUpAfter, 0, "how long a command outlasts an outage: a rate limit, an overload, a service that does not answer")
	f.registerLog(cmd)
	return cmd
}

func run(std streams, f runFlags, args []string) error {
	o, err := runOptions(std, f, args)
	if err != nil {
		return err
	}
	return runWith(std, f, o)
}

// plainLevel is the level at which a wrapped command is told of in sentences.
const plainLevel = "info"

// runWith lives the life of a sidecar.
func runWith(std streams, f runFlags, o daemon.Options) error {
	plain := o.Wrapped && !f.json && f.level == plainLevel
	level := f.level
	if plain {
		level = "warn"
	}
	log, err := logging.NewLog(level, f.json, std.err)
	if err != nil {
		return badInput{fmt.Errorf("cannot run: %w", err), "use trace, debug, info, warn, error or off"}
	}
	defer log.End()
	log.Plain = plain
	o.Log = log
	signals := make(chan os.Signal, 16)
	daemon.NotifySignals(signals, o.Wrapped)
	defer signal.Stop(signals)
	o.Signals = signals
	ending, err := daemon.Run(o)
	var cannot *launch.CannotRun
	switch {
	case errors.As(err, &cannot):
		fmt.Fprintf(std.err, "healer-sidecar: %v\n", cannot)
		return exitWith{code: cannot.Code}
	case err != nil:
		return runError(err)
	case ending.Replace != "":
		log.End()
		return ending.Exec()
	case ending.Code != 0:
		return exitWith{ending.Code, ending.Signal}
	}
	return nil
}

func runOptions(std streams, f runFlags, args []string) (daemon.Options, error) {
	o := daemon.Options{Version: version, Out: std.out, Err: std.err, Wrapped: len(args) > 0, StateDir: f.stateDir, StateChosen: f.stateDir != ""}
	switch {
	case f.config != "" && len(args) > 0:
		return o, badInput{errors.New("cannot run: both --config and a command are given"), "leave one of them out"}
	case f.dev && len(args) == 0:
		return o, badInput{errors.New("cannot run: --dev is for a command"), "write healer-sidecar run --dev -- COMMAND"}
	case (len(f.watch) > 0 || len(f.ignore) > 0) && !f.dev:
		return o, badInput{errors.New("cannot run: --watch and --ignore are for --dev"), "add --dev"}
	case f.config != "":
		if o.Output = f.output; !f.outputChosen {
			out, _ := std.out.(*os.File)
			o.Output = daemon.OutputByDefault(out)
		}
		return configured(o, f.config)
	case len(args) > 0:
		o.Policy, o.In, o.Dev = daemon.WrapPolicy(args), std.stdin(), f.dev
		if err := f.streams.put(&o); err != nil {
			return o, err
		}
		if f.dev {
			o.Policy = daemon.DevPolicy(args)
			var err error
			if o.DevFiles, err = follow.Select(f.watch, f.ignore); err != nil {
				return o, badInput{fmt.Errorf("cannot run: %w", err), "write patterns as in .gitignore, for example --ignore 'out/'"}
			}
		}
		o.Policy.Agents[0].Heal.GiveUpAfter = f.giveUpAfter
		if o.StateDir == "" {
			dir, _ := os.Getwd()
			o.StateDir, _ = statedir.For(launch.NameOf(args), append([]string{dir}, args...)...) // without a place for it there is a temporary one
		}
		return o, nil
	}
	return o, badInput{errors.New("cannot run: nothing to run"), "write healer-sidecar run -- COMMAND, or --config PATH"}
}

// configured completes the options from a policy. A state directory of the flag
// goes before one of the policy.
func configured(o daemon.Options, path string) (daemon.Options, error) {
	var err error
	o.Config = path
	if o.Policy, err = config.Load(path); err != nil {
		return o, runError(err)
	}
	if o.StateDir == "" {
		o.StateDir, err = policyStateDir(path, o.Policy.StateDir)
	}
	return o, err
}

// policyStateDir is where the sidecar of a policy keeps its state: where that says, else at the
// usual place.
func policyStateDir(path, said string) (string, error) {
	if said != "" {
		return said, nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("cannot find policy: %w", err)
	}
	return statedir.For(launch.PolicyName(path), full)
}

// runError gives the hint that belongs to an error of a policy or a state
// directory. Both are bad input: nothing was started.
func runError(err error) error {
	var wrong *config.Error
	if errors.As(err, &wrong) {
		return badInput{err, wrong.Hint()}
	}
	return badInput{err, "choose another directory with --state-dir, or correct this one"}
}
