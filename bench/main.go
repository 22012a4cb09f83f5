// Command bench measures the sidecar on this machine and prints a table. Every
// figure stands beside a baseline that was measured in the same run, because
// machines differ and are shared.
//
//	go run ./bench [-bin PATH] [-only NAME]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"healer-sidecar/testlab"
)

// measure is one section of the table.
type measure struct {
	name string
	run  func(*testlab.Lab) error
}

var measures = []measure{
	{"restart", restart},
	{"reaction", reaction},
	{"classify", classifying},
	{"writer", writer},
	{"idle", idle},
	{"scale", scale},
	{"remedies", remedies},
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == talkMode {
		talk(os.Args[2:])
		return
	}
	if len(os.Args) > 1 && os.Args[1] == pourMode {
		pour(os.Args[2:])
		return
	}
	bin := flag.String("bin", "bin/healer-sidecar", "the sidecar to measure")
	only := flag.String("only", "", "one of restart, reaction, classify, writer, idle, scale, remedies; all by default")
	checking := flag.Bool("check", false, "compare a few ratios with those in "+figuresFile+", and fail where one is worse")
	update := flag.Bool("update", false, "with -check: write the figures")
	curving := flag.Bool("curve", false, "print what 1 to 2,000 agents cost")
	flag.Parse()
	err := run(*bin, *only, *checking, *update, *curving)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(bin, only string, checking, update, curving bool) error {
	full, err := filepath.Abs(bin)
	if err != nil {
		return fmt.Errorf("cannot find the sidecar: %w", err)
	}
	if _, err := os.Stat(full); err != nil {
		return fmt.Errorf("cannot find the sidecar: %w; run make build", err)
	}
	switch {
	case checking:
		return check(full, update)
	case curving:
		dir, err := os.MkdirTemp("", "hb")
		if err != nil {
			return fmt.Errorf("cannot make a folder: %w", err)
		}
		defer os.RemoveAll(dir)
		return curve(&testlab.Lab{Bin: full, Dir: dir})
	}
	return bench(full, only)
}

func bench(full, only string) error {
	dir, err := os.MkdirTemp("", "hb")
	if err != nil {
		return fmt.Errorf("cannot make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%s/%s, %d cores, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Printf("%-52s %14s %14s %9s  %s\n", "MEASURE", "SIDECAR", "BASELINE", "RATIO", "NOTE")
	for _, m := range measures {
		if only != "" && only != m.name {
			continue
		}
		if err := m.run(&testlab.Lab{Bin: full, Dir: filepath.Join(dir, m.name)}); err != nil {
			return fmt.Errorf("cannot measure %s: %w", m.name, err)
		}
	}
	return nil
}
