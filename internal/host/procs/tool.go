package procs

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// toolPeriod is how often a tool that was told to end is looked at.
const toolPeriod = 10 * time.Millisecond

// RunTool runs a short program of the operator to its end, with input on its
// standard input. When the context ends first, the program and all it started
// are killed. Its output is dropped.
func (r *Reaper) RunTool(ctx context.Context, c Command, input []byte) error {
	in, feed, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot run %s: %w", c.Argv[0], err)
	}
	c.Stdin, c.Cgroup = in, -1
	heard := hear(&c)
	p, err := r.Start(c)
	in.Close()
	heard.begun()
	if err != nil {
		feed.Close()
		return err
	}
	go func() {
		_, _ = feed.Write(input) // a tool that does not read gets EPIPE here
		feed.Close()
	}()
	select {
	case exit := <-p.Exited:
		if exit.Code != 0 || exit.Signal != "" {
			return fmt.Errorf("cannot run %s: it ended with %s%s", c.Argv[0], ending(exit), heard.said())
		}
		return nil
	case <-ctx.Done():
		feed.Close()
		tree := NewTree(p.Identity, fmt.Sprintf("tool/%d", p.PID), nil, r)
		for range 100 {
			_, _ = tree.Signal(9)
			if tree.Empty() {
				break
			}
			time.Sleep(toolPeriod)
		}
		return fmt.Errorf("cannot run %s: it did not end in time", c.Argv[0])
	}
}

// ending is how a tool ended.
func ending(e heal.Exit) string {
	if e.Signal != "" {
		return e.Signal
	}
	return fmt.Sprintf("code %d", e.Code)
}

const (
	// saidMost bounds what is kept of the last words of a tool, saidFor how long they are waited
	// for when something that it left behind holds its output open.
	saidMost, saidFor = 300, 100 * time.Millisecond
)

// words are the last ones of a tool that nobody else listens to: they tell why it failed.
type words struct {
	in   *os.File
	last chan string
}

// hear listens to a tool whose last words are wanted; nil for another.
func hear(c *Command) *words {
	if !c.Heard || c.Stdout != nil || c.Stderr != nil {
		return nil
	}
	out, in, err := os.Pipe()
	if err != nil {
		return nil
	}
	c.Stdout, c.Stderr = in, in
	w := &words{in: in, last: make(chan string, 1)}
	go func() {
		defer out.Close()
		var kept []byte
		block := make([]byte, saidMost)
		for {
			n, err := out.Read(block)
			if kept = append(kept, block[:n]...); len(kept) > saidMost {
				kept = kept[len(kept)-saidMost:]
			}
			if err != nil {
				w.last <- strings.Join(strings.Fields(string(kept)), " ")
				return
			}
		}
	}()
	return w
}

// begun gives up our end of the output.
func (w *words) begun() {
	if w != nil {
		w.in.Close()
	}
}

// said are the last words, to be put behind an error; empty for none.
func (w *words) said() string {
	if w == nil {
		return ""
	}
	select {
	case last := <-w.last:
		if last != "" {
			return ": " + last
		}
	case <-time.After(saidFor):
	}
	return ""
}

// ToolOutput runs a tool like RunTool, and returns the first limit bytes of what it printed.
func (r *Reaper) ToolOutput(ctx context.Context, c Command, limit int64) ([]byte, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("cannot run %s: %w", c.Argv[0], err)
	}
	defer out.Close()
	printed := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(io.LimitReader(out, limit))
		printed <- b
		_, _ = io.Copy(io.Discard, out) // one that prints more is not held up
	}()
	c.Stdout = in
	err = r.RunTool(ctx, c, nil)
	in.Close()
	if err != nil {
		return nil, err
	}
	select {
	case b := <-printed:
		return b, nil
	case <-ctx.Done(): // something that it left behind holds the pipe
		return nil, fmt.Errorf("cannot run %s: it left its output open", c.Argv[0])
	}
}
