package host

import (
	"context"
	"fmt"
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
