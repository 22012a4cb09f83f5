package host

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
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
	p, err := r.Start(c)
	in.Close()
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
			return fmt.Errorf("cannot run %s: it ended with code %d %s", c.Argv[0], exit.Code, exit.Signal)
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
