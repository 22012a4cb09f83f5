package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// sink is one kind of output.
type sink struct {
	name string
	run  func(cmd *exec.Cmd, patience time.Duration) (result, error)
}

var sinks = []sink{
	{"file", intoFile},
	{"fast pipe", func(c *exec.Cmd, d time.Duration) (result, error) { return intoPipe(c, d, readAll) }},
	{"slow pipe", func(c *exec.Cmd, d time.Duration) (result, error) { return intoPipe(c, d, readSlowly) }},
	{"closed pipe", func(c *exec.Cmd, d time.Duration) (result, error) { return intoPipe(c, d, readLittle) }},
	{"full disk", intoFull},
	{"pty", intoPTY},
}

// sum is what came: how much, which bytes, and how it ended.
type sum struct {
	n    int64
	hash [sha256.Size]byte
	end  string
}

// counter makes a sum of what is written to it.
type counter struct {
	h    hash.Hash
	n    int64
	tail []byte
}

func newCounter() *counter { return &counter{h: sha256.New()} }

const tailSize = 80

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	c.tail = append(c.tail, b[max(0, len(b)-tailSize):]...)
	c.tail = c.tail[max(0, len(c.tail)-tailSize):]
	return c.h.Write(b)
}

func (c *counter) sum() sum { return sum{c.n, [sha256.Size]byte(c.h.Sum(nil)), string(c.tail)} }

// ran waits for a program that may take so long.
func ran(cmd *exec.Cmd, patience time.Duration) string {
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !late.Stop() {
		return fmt.Sprintf("killed after %s", patience)
	}
	return statusOf(cmd, err)
}

func signalOf(p *os.ProcessState) int {
	w, _ := p.Sys().(syscall.WaitStatus)
	return int(w.Signal())
}

func intoFile(cmd *exec.Cmd, patience time.Duration) (result, error) {
	path := cmd.Dir + "/out"
	r, err := onto(cmd, patience, path, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err == nil {
		r.out = sumOf(path)
	}
	return r, err
}

// onto opens a file for stdout in a certain way; messages go to a file of their own.
func onto(cmd *exec.Cmd, patience time.Duration, path string, flags int) (r result, err error) {
	out, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return r, err
	}
	defer out.Close()
	errs, err := os.Create(cmd.Dir + "/err")
	if err != nil {
		return r, err
	}
	defer errs.Close()
	cmd.Stdout, cmd.Stderr = out, errs
	if err := cmd.Start(); err != nil {
		return r, err
	}
	r.status = ran(cmd, patience)
	r.err = sumOf(cmd.Dir + "/err")
	return r, nil
}

func sumOf(path string) sum {
	c := newCounter()
	if f, err := os.Open(path); err == nil {
		_, _ = io.Copy(c, f)
		f.Close()
	}
	return c.sum()
}

// intoFull lets every write fail for want of room. What is read of it has no end, so it has no sum.
func intoFull(cmd *exec.Cmd, patience time.Duration) (result, error) {
	return onto(cmd, patience, "/dev/full", os.O_WRONLY)
}

// intoPipe lets read take what comes on stdout.
func intoPipe(cmd *exec.Cmd, patience time.Duration, read func(io.ReadCloser, io.Writer)) (r result, err error) {
	outR, outW, err := os.Pipe()
	if err != nil {
		return r, err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		return r, err
	}
	cmd.Stdout, cmd.Stderr = outW, errW
	err = cmd.Start()
	outW.Close()
	errW.Close()
	if err != nil {
		return r, err
	}
	out, errs := newCounter(), newCounter()
	done := make(chan struct{}, 2)
	go func() { read(outR, out); outR.Close(); done <- struct{}{} }()
	go func() { readAll(errR, errs); errR.Close(); done <- struct{}{} }()
	r.status = ran(cmd, patience)
	<-done
	<-done
	r.out, r.err = out.sum(), errs.sum()
	return r, nil
}

func readAll(r io.ReadCloser, w io.Writer) { _, _ = io.Copy(w, r) }

// slowStart is how long a slow reader reads nothing, slowEvery and slowSize how fast it reads then,
// until slowMost.
const (
	slowStart = 700 * time.Millisecond
	slowEvery = time.Millisecond
	slowSize  = 16 << 10
	slowMost  = 4 << 20
)

func readSlowly(r io.ReadCloser, w io.Writer) {
	time.Sleep(slowStart)
	for range slowMost / slowSize {
		if _, err := io.CopyN(w, r, slowSize); err != nil {
			return
		}
		time.Sleep(slowEvery)
	}
	readAll(r, w)
}

// littleSize is what a reader takes that goes away.
const littleSize = 1000

func readLittle(r io.ReadCloser, w io.Writer) { _, _ = io.CopyN(w, r, littleSize) }

// intoPTY gives the program a terminal.
func intoPTY(cmd *exec.Cmd, patience time.Duration) (r result, err error) {
	stdin := cmd.Stdin
	keeper, tty, err := pty.Open()
	if err != nil {
		return r, err
	}
	defer keeper.Close()
	_ = pty.Setsize(keeper, &pty.Winsize{Rows: 33, Cols: 101})
	cmd.Stdout, cmd.Stderr = tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if stdin == nil {
		cmd.Stdin, cmd.SysProcAttr.Setctty = tty, true
	}
	err = cmd.Start()
	tty.Close()
	if err != nil {
		return r, err
	}
	out, done := newCounter(), make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.Copy(out, keeper); err != nil && !errors.Is(err, syscall.EIO) {
			fmt.Fprintln(os.Stderr, "transparent:", err)
		}
	}()
	r.status = ran(cmd, patience)
	<-done
	r.out = out.sum()
	return r, nil
}
