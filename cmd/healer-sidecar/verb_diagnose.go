package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/offline"
)

// diagnoseFlags say how the run ended that is to be judged.
type diagnoseFlags struct {
	exitCode int
	signal   string
	oom      bool
	json     bool
	// corpus, readings and steps are files of other kinds than a log.
	corpus, readings, steps string
	fingerprints            bool
}

func verbDiagnose(std streams) *cobra.Command {
	f := diagnoseFlags{exitCode: -1}
	cmd := &cobra.Command{
		Use:   "diagnose [FILE|-]",
		Short: "Diagnose a saved log or an exited run; no running sidecar is needed",
		Example: "  healer-sidecar diagnose --exit-code 1 agent.log\n" +
			"  journalctl -u agent -n 30 -o cat | healer-sidecar diagnose --signal SIGKILL --oom -\n" +
			"  healer-sidecar diagnose --corpus samples.jsonl --fingerprints\n" +
			"  healer-sidecar diagnose --readings memory.jsonl\n" +
			"  healer-sidecar diagnose --steps trace.jsonl",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case f.corpus != "":
				return diagnoseCorpus(std, f.corpus, f.fingerprints)
			case f.readings != "":
				return diagnoseReadings(std, f.readings)
			case f.steps != "":
				return diagnoseSteps(std, f.steps)
			}
			return diagnoseLog(std, f, args)
		},
	}
	numberFlag(cmd, &f.exitCode, "exit-code", "", -1, 0, 255, "exit code of the run; without it and --signal the program is taken to be running")
	cmd.Flags().StringVar(&f.signal, "signal", "", "signal that ended the run, as in SIGSEGV")
	cmd.Flags().BoolVar(&f.oom, "oom", false, "the kernel reported an OOM kill")
	cmd.Flags().StringVar(&f.corpus, "corpus", "", "judge every record of a JSON-lines file and print one verdict a line")
	cmd.Flags().BoolVar(&f.fingerprints, "fingerprints", false, "with --corpus, print the fingerprint of each record too")
	cmd.Flags().StringVar(&f.readings, "readings", "", "judge a JSON-lines file of time, metric, value and limit: print what it foretells, and when")
	cmd.Flags().StringVar(&f.steps, "steps", "", "judge a JSON-lines file of an agent's steps, or lines of output: print whether it gets on")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

// exit is how the run ended according to the flags; nil for a running program.
func (f diagnoseFlags) exit() (*heal.Exit, error) {
	if f.exitCode < 0 && f.signal == "" && !f.oom {
		return nil, nil
	}
	sig := strings.ToUpper(f.signal)
	if sig != "" && !strings.HasPrefix(sig, "SIG") {
		sig = "SIG" + sig
	}
	if sig != "" && f.exitCode > 0 {
		return nil, badInput{errors.New("cannot diagnose: a run ends by --exit-code or by --signal, not both"), "leave one of them out"}
	}
	return &heal.Exit{Code: max(f.exitCode, 0), Signal: sig, OOM: f.oom}, nil
}

func diagnoseLog(std streams, f diagnoseFlags, args []string) error {
	exit, err := f.exit()
	if err != nil {
		return err
	}
	in := std.in
	if len(args) == 1 && args[0] != "-" {
		file, err := open(args[0], "log", "name a file that exists, or - for standard input")
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	lines, err := offline.LastLines(in)
	if err != nil {
		return err
	}
	j, err := offline.Diagnose(exit, lines, time.Now())
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(std.out).Encode(j)
	}
	return printJudgement(std.out, j)
}

func printJudgement(out io.Writer, j offline.Judgement) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "error type   %s\nconfidence   %.2f\nseverity     %.2f\nfingerprint  %s\n", j.Diagnosis.Type, j.Diagnosis.Confidence, j.Diagnosis.Severity, j.Diagnosis.Fingerprint)
	if j.Diagnosis.Wait > 0 {
		fmt.Fprintf(w, "wait         %s (named by the evidence)\n", j.Diagnosis.Wait.Round(time.Millisecond))
	}
	fmt.Fprintln(w, "evidence")
	for _, e := range j.Diagnosis.Evidence {
		fmt.Fprintf(w, "  - %s\n", e)
	}
	for _, o := range j.Diagnosis.Others {
		fmt.Fprintf(w, "runner-up    %s (%.2f)\n", o.Type, o.Confidence)
	}
	if j.Plan == nil {
		fmt.Fprintln(w, "plan         none: this is no failure")
		return w.Flush()
	}
	fmt.Fprintf(w, "plan         %s: %s\n", j.Plan.Strategy, j.Plan.Reason)
	fmt.Fprintf(w, "             success %.2f, risk %.2f, about %s\n", j.Plan.Success, j.Plan.Risk, j.Plan.Duration.Round(time.Second))
	for _, o := range j.Plan.Options {
		if !o.Offered {
			fmt.Fprintf(w, "  not %-18s %s\n", o.Strategy, o.Why)
		}
	}
	return w.Flush()
}
