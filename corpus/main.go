// Command corpus really breaks programs as the files in cases say, and writes what a
// supervisor would have seen of each to own.jsonl, which `make eval` scores.
//
//	go run ./corpus [-only TEXT]
//	go run ./corpus -streams [-only TEXT]
//	go run ./corpus -living [-only TEXT]
//
// With -streams it runs what the files in healthy say, and writes what healthy programs print to
// the folder streams. With -living it runs what the files in living say, and writes what these programs
// print while they live, and when: failing ones, and others that are well.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/heal"
)

const (
	// patience is how long one case may take.
	patience = 2 * time.Minute
	// keepLines is how many of the last lines are kept, as the sidecar does.
	keepLines = 120
)

// breakage is one way to break a program.
type breakage struct {
	source, script string
	expect         heal.ErrorType
	alsoOK         []heal.ErrorType
}

func main() {
	only := flag.String("only", "", "print the cases whose name holds this, and write nothing")
	streams := flag.Bool("streams", false, "record healthy programs instead")
	living := flag.Bool("living", false, "record living programs, with times, instead")
	flag.Parse()
	do := func() error { return run(*only) }
	if *streams {
		do = func() error { return recordStreams(*only) }
	}
	if *living {
		do = func() error { return recordTimed(*only) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(only string) error {
	all, err := read("corpus/cases")
	if err != nil {
		return err
	}
	helper, err := filepath.Abs("corpus/pg.sh")
	if err != nil {
		return fmt.Errorf("cannot find the helper: %w", err)
	}
	var out strings.Builder
	for i, b := range all {
		if !strings.Contains(b.source, only) {
			continue
		}
		r, err := b.record(fmt.Sprintf("o%04d", i+1), helper)
		if err != nil {
			return fmt.Errorf("cannot run %s: %w", b.source, err)
		}
		line, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", b.source, err)
		}
		fmt.Fprintf(&out, "%s\n", line)
	}
	if only != "" {
		fmt.Print(out.String())
		return nil
	}
	if err := os.WriteFile("corpus/own.jsonl", []byte(out.String()), 0o644); err != nil {
		return fmt.Errorf("cannot write the corpus: %w", err)
	}
	return nil
}

// read takes the cases of a folder. One begins with "== NAME | EXPECTED | ALSO OK", and
// the lines below it are its script.
func read(dir string) ([]breakage, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, fmt.Errorf("cannot list cases: %w", err)
	}
	var all []breakage
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read cases: %w", err)
		}
		runtime := strings.TrimSuffix(filepath.Base(name), ".txt")
		for _, part := range strings.Split("\n"+string(text), "\n== ")[1:] {
			head, script, _ := strings.Cut(part, "\n")
			fields := strings.Split(head, " | ")
			b := breakage{source: runtime + ": " + fields[0], script: script, expect: heal.ErrorType(fields[1]), alsoOK: []heal.ErrorType{}}
			for _, also := range fields[2:] {
				b.alsoOK = append(b.alsoOK, heal.ErrorType(also))
			}
			all = append(all, b)
		}
	}
	return all, nil
}

// record runs the script in an empty folder.
func (b breakage) record(id, helper string) (corpus.Record, error) {
	return b.recordLines(id, helper, keepLines)
}

// recordLines is record with the number of lines to keep.
func (b breakage) recordLines(id, helper string, most int) (corpus.Record, error) {
	r := corpus.Record{ID: id, Source: b.source, Expect: b.expect, AlsoOK: b.alsoOK}
	dir, err := os.MkdirTemp("", "case")
	if err != nil {
		return r, fmt.Errorf("cannot make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", b.script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PG="+helper, "GOFLAGS=-mod=mod", "GOWORK=off", "LC_ALL=C.UTF-8", "NO_COLOR=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return r, fmt.Errorf("cannot run bash: %w", err)
	}
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	code := status.ExitStatus()
	if status.Signaled() {
		r.Signal = unix.SignalName(status.Signal())
	} else if r.ExitCode = &code; code > 128 && code < 160 {
		r.Signal, r.ExitCode = unix.SignalName(syscall.Signal(code-128)), nil
	}
	r.Lines = classify.Condense(tidy(string(out), dir), most)
	return r, nil
}

// tidy takes the machine out of the lines.
func tidy(out, dir string) []string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = dir
	}
	out = strings.NewReplacer(dir, "/srv/agent", filepath.Base(dir), "agent", home, "/home/app", os.TempDir()+"/", "/var/tmp/").Replace(out)
	return strings.Split(strings.TrimRight(out, "\n"), "\n")
}
