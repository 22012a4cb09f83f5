package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"healer-sidecar/testlab"
)

// agentMode is the first argument with which this program plays an agent. It binds
// one socket that only one copy can hold, and writes every start, and every second
// copy, into a ledger of its own.
const agentMode = "agent"

func agent(args []string) {
	dir, does := args[0], args[1]
	testlab.Book(dir, "start")
	if _, err := net.Listen("unix", "@hf"+dir); err != nil {
		testlab.Book(dir, "COPY")
		os.Exit(99)
	}
	switch {
	case strings.HasPrefix(does, "exit:"): // exit:CODE:MILLISECONDS
		var code, after int
		_, _ = fmt.Sscanf(does, "exit:%d:%d", &code, &after)
		time.Sleep(time.Duration(after) * time.Millisecond)
		testlab.Book(dir, "end")
		os.Exit(code)
	case does == "count":
		count(dir)
	case does == "deaf":
		signal.Ignore(syscall.SIGTERM)
	}
	time.Sleep(time.Hour)
}

// count prints a numbered line a millisecond and notes the slowest write.
func count(dir string) {
	slowest := time.Duration(0)
	for n := 1; ; n++ {
		begun := time.Now()
		fmt.Printf("number %d\n", n)
		if took := time.Since(begun); took > slowest {
			slowest = took
			_ = os.WriteFile(filepath.Join(dir, "slowest"), fmt.Append(nil, int64(slowest)), 0o600)
		}
		if n%100 == 0 {
			_ = os.WriteFile(filepath.Join(dir, "counted"), fmt.Append(nil, n), 0o600)
		}
		time.Sleep(time.Millisecond)
	}
}

// starts counts the starts, and fails on a second copy.
func starts(l *testlab.Lab) (int, error) {
	n := 0
	for _, e := range testlab.Ledger(l.Dir) {
		switch e.What {
		case "COPY":
			return n, fmt.Errorf("a second copy was started at %s", e.At)
		case "start":
			n++
		}
	}
	return n, nil
}

// policy is one agent that does something, under what heal says.
func policy(l *testlab.Lab, does, heal string) string {
	self, _ := os.Executable()
	return fmt.Sprintf("agent \"a\" {\n  command = [%q, %q, %q, %q]\n  dir = %q\n%s}\n", self, agentMode, l.Dir, does, l.Dir, heal)
}

// shell is an agent of one shell line.
func shell(l *testlab.Lab, line, heal string) string {
	return fmt.Sprintf("agent \"a\" {\n  command = [\"sh\", \"-c\", %q]\n  dir = %q\n%s}\n", line, l.Dir, heal)
}

// sweep ends what a case left running in a folder and says how much that was.
func sweep(dir string) int {
	n := 0
	for _, pid := range testlab.Carrying("HEALER_RUN_DIR=" + dir) {
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			n++
		}
	}
	return n
}
