// Command transparent runs programs with and without the sidecar, into every kind of output there
// is, and prints a table of whether anybody could tell the difference: the bytes on stdout and stderr
// and the exit status must be the same.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// tries is how often a difference must be seen again before it counts: some programs race with
// their reader, with and without us.
const tries = 3

func main() {
	bin := flag.String("bin", "bin/healer-sidecar", "the sidecar")
	size := flag.Int64("size", 8<<20, "bytes that the largest programs write")
	only := flag.String("run", "", "run only programs whose name contains this")
	patience := flag.Duration("timeout", time.Minute, "how long one run may take")
	flag.Parse()
	scratch, err := os.MkdirTemp("", "transparent")
	if err != nil {
		fmt.Fprintln(os.Stderr, "transparent:", err)
		os.Exit(2)
	}
	defer os.RemoveAll(scratch)
	full, err := filepath.Abs(*bin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "transparent:", err)
		os.Exit(2)
	}
	b := bench{bin: full, scratch: scratch, patience: *patience}
	failed := b.table(programs(*size), *only)
	if failed > 0 {
		fmt.Printf("%d differences\n", failed)
		os.RemoveAll(scratch)
		os.Exit(1)
	}
}

// bench runs programs both ways.
type bench struct {
	bin, scratch string
	patience     time.Duration
}

// table prints a line for each program and a column for each kind of output, and counts what
// differs.
func (b bench) table(all []program, only string) int {
	failed := 0
	var why []string
	fmt.Printf("%-24s", "program")
	for _, s := range sinks {
		fmt.Printf("%-13s", s.name)
	}
	fmt.Println()
	for _, p := range all {
		if !strings.Contains(p.name, only) {
			continue
		}
		fmt.Printf("%-24s", p.name)
		for _, s := range sinks {
			verdict := b.compare(p, s)
			if verdict != "same" && !strings.HasPrefix(verdict, "skip") {
				failed++
				why = append(why, fmt.Sprintf("%s, %s: %s", p.name, s.name, verdict))
				verdict = "DIFFERS"
			}
			fmt.Printf("%-13s", verdict)
		}
		fmt.Println()
	}
	for _, line := range why {
		fmt.Println(line)
	}
	return failed
}

// compare says "same", or what differs.
func (b bench) compare(p program, s sink) string {
	if _, err := exec.LookPath(p.argv[0]); err != nil {
		return "skip: no " + p.argv[0]
	}
	verdict := ""
	for range tries {
		bare, err := b.run(p, s, p.argv)
		if err != nil {
			return "cannot run: " + err.Error()
		}
		ours, err := b.run(p, s, append([]string{b.bin, "run", "--"}, p.argv...))
		if err != nil {
			return "cannot run: " + err.Error()
		}
		if verdict = bare.against(ours); verdict == "same" {
			return verdict
		}
	}
	return verdict
}

// result is what can be seen of a run from outside.
type result struct {
	out, err sum
	status   string
}

func (r result) against(ours result) string {
	switch {
	case r.status != ours.status:
		return fmt.Sprintf("status %s, not %s (%s)", ours.status, r.status, ours.err.end)
	case r.out.hash != ours.out.hash:
		return fmt.Sprintf("%d bytes on stdout, not %d: %q, not %q", ours.out.n, r.out.n, ours.out.end, r.out.end)
	case r.err.hash != ours.err.hash:
		return fmt.Sprintf("%d bytes on stderr, not %d: %q, not %q", ours.err.n, r.err.n, ours.err.end, r.err.end)
	}
	return "same"
}

// run runs one program into one kind of output.
func (b bench) run(p program, s sink, argv []string) (result, error) {
	dir, err := os.MkdirTemp(b.scratch, "run")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+dir+"/state", "LC_ALL=C", "TERM=xterm")
	in, err := p.input(dir)
	if err != nil {
		return result{}, err
	}
	if in != nil {
		defer in.Close()
		cmd.Stdin = in
	}
	return s.run(cmd, b.patience)
}

// statusOf is what a shell would report.
func statusOf(cmd *exec.Cmd, err error) string {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err.Error()
	}
	if cmd.ProcessState.Exited() {
		return fmt.Sprint(cmd.ProcessState.ExitCode())
	}
	return fmt.Sprint(128 + signalOf(cmd.ProcessState))
}
