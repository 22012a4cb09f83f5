package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procfs"
)

// Exit codes, as documented in the README.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// streams are where a verb reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// stdin is our standard input when a wrapped command may read it: not when we are
// in the background of a terminal, where reading it would take what is typed to
// somebody else.
func (s streams) stdin() *os.File {
	f, ok := s.in.(*os.File)
	if !ok || kernel.BehindTerminal(f) {
		return nil
	}
	return f
}

// verbs lists the verbs in the order of the help; one file each.
var verbs = slices.Concat([]func(streams) *cobra.Command{
	verbInit,
	verbRun,
	verbAttach,
	verbValidate,
	verbStatus,
	verbWatch,
	verbLogs,
	verbEvents,
	verbExplain,
	verbStats,
	verbPatterns,
}, orderVerbs(), []func(streams) *cobra.Command{
	verbApprove,
	verbAck,
	verbSend,
	verbAttachTTY,
	verbSnapshots,
	verbState,
	verbDiagnose,
	verbSimulate,
	verbReplay,
	verbPage,
	verbFleet,
	verbMCP,
	verbFmt,
	verbDoctor,
	verbMan,
	verbDrill,
	verbDrillLoad,
	verbMakeRoom,
	verbKeepTTY,
	verbKeepStdio,
	verbStartAs,
	verbVersion,
})

// quick are verbs for which somebody waits: agents start, or a terminal is kept. What the others
// are called is of no interest to them.
var quick = map[string]bool{"run": true, "attach": true, "make-room": true, "keep-tty": true, "keep-stdio": true, "start-as": true}

// badInput is an error of the person who called: one line, a remedy, exit code 2.
type badInput struct {
	err  error
	hint string
}

func (b badInput) Error() string { return b.err.Error() }
func (b badInput) Unwrap() error { return b.err }

// execute runs a command line and returns the exit code.
func execute(args []string, std streams) int {
	root := &cobra.Command{
		Use:           "healer-sidecar",
		Short:         "Keep autonomous agents and other flaky programs alive and useful",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return badInput{err, "see " + cmd.CommandPath() + " --help"}
	})
	for _, verb := range verbs {
		cmd := verb(std)
		root.AddCommand(cmd)
		if len(args) > 0 && quick[cmd.Name()] && cmd.Name() == args[0] {
			break
		}
	}
	arrange(root)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return exitOK
	}
	var code exitWith
	if errors.As(err, &code) {
		if code.signal != 0 {
			procfs.DieBy(code.signal)
		}
		return code.code
	}
	fmt.Fprintf(std.err, "healer-sidecar: %v\n", err)
	var bad badInput
	if errors.As(err, &bad) {
		fmt.Fprintf(std.err, "hint: %s\n", bad.hint)
		return exitUsage
	}
	if strings.HasPrefix(err.Error(), "unknown command") {
		if !strings.Contains(err.Error(), "Did you mean") {
			fmt.Fprintln(std.err, "hint: see healer-sidecar --help")
		}
		return exitUsage
	}
	return exitFailure
}
