package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"healer-sidecar/internal/corpus"
)

const (
	// mark is what a script prints when the failure begins; it is not part of the recording.
	mark = "@@fails"
	// lanes is how many programs are recorded at the same time. Most of them wait.
	lanes = 12
	// failingFor is how long a program is watched after its failure began.
	failingFor = 75 * time.Second
	// timedBytes bounds what is kept of one program.
	timedBytes = 32 << 10
)

// prelude gives scripts a function that says that the failure begins now, and one that kills a server
// without a word of the shell.
const prelude = "fails() { echo " + mark + "; }; die() { disown $1; kill -9 $1; }\n" +
	"export PATH=/usr/bin:$PATH PYTHONUNBUFFERED=1 PYTHONWARNINGS=ignore\n"

// recordTimed runs the living programs whose file and name hold a text, and writes what they print, and when.
func recordTimed(only string) error {
	all, err := read("corpus/living")
	if err != nil {
		return err
	}
	helper, err := filepath.Abs("corpus/pg.sh")
	if err != nil {
		return fmt.Errorf("cannot find the helper: %w", err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed []error
	lane := make(chan struct{}, lanes)
	for _, b := range all {
		if !strings.Contains(b.source, only) {
			continue
		}
		lane <- struct{}{}
		wg.Go(func() {
			defer func() { <-lane }()
			if err := b.recordTimed(helper); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, fmt.Errorf("cannot record %s: %w", b.source, err))
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

// recordTimed runs one program for as long as its case says, and ends it.
func (b breakage) recordTimed(helper string) error {
	_, name, _ := strings.Cut(b.source, ": ")
	length, err := time.ParseDuration(string(b.expect))
	if err != nil {
		return fmt.Errorf("its length is no duration: %w", err)
	}
	dir, err := os.MkdirTemp("", "case")
	if err != nil {
		return fmt.Errorf("cannot make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	end := time.AfterFunc(length, cancel)
	defer end.Stop()
	cmd := exec.CommandContext(ctx, "bash", "-c", prelude+b.script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PG="+helper, "LC_ALL=C.UTF-8", "NO_COLOR=1")
	for i, port := range ports {
		cmd.Env = append(cmd.Env, fmt.Sprintf("PORT%d=%d", i+1, port))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	began := time.Now()
	go func() {
		_ = cmd.Run() // it is killed: how it ended says nothing
		_ = w.Close()
	}()
	t := corpus.Timed{Name: name, Length: length}
	takeDown(r, &t, dir, began, end)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return t.Write("corpus/living")
}

// takeDown keeps what is printed, up to a bound, and when the failure began: from then on it is watched for
// the usual time.
func takeDown(in io.Reader, t *corpus.Timed, dir string, began time.Time, end *time.Timer) {
	scan, kept := bufio.NewScanner(in), 0
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		at, text := time.Since(began).Round(time.Millisecond), strings.ToValidUTF8(scan.Text(), "?")
		if text == mark {
			t.Failing, t.From, t.Length = true, at, at+failingFor
			end.Reset(failingFor)
			continue
		}
		text = tidy(text[:min(len(text), streamWidth)], dir)[0]
		if kept += len(text); kept > timedBytes && at < t.Length {
			t.Length = at // what came later is not known
		}
		if kept <= timedBytes {
			t.Lines = append(t.Lines, corpus.TimedLine{At: at, Text: text})
		}
	}
}

// freePorts finds ports that nobody has now.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("cannot find a free port: %w", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
