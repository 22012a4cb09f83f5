package daemon

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/supervisor"
)

const (
	// shownFor is how long a reader of the agents' output may take nothing at the end before it is left.
	shownFor = 5 * time.Second
	// widestLine bounds what a terminal is shown of one line.
	widestLine = 64 << 10
	// chunkShown is how much is written at once.
	chunkShown = 64 << 10
)

// OutputByDefault reports that agents' output should be shown without being asked for: somebody looks at
// a terminal, or it is the first process of a container, whose output is what is collected.
func OutputByDefault(out *os.File) bool {
	return os.Getpid() == 1 || out != nil && isatty.IsTerminal(out.Fd())
}

// outputView shows what the agents of a policy print, each line after the name of its agent. It reads their
// files like anybody else: a slow reader holds up neither agents nor detectors.
type outputView struct {
	// out and err take what agents print there.
	out, err io.Writer
	// terminals says which of them must not be told what to do by what agents print.
	terminals [2]bool

	showing sync.WaitGroup
	// shown counts what readers have taken.
	shown atomic.Int64
	mu    sync.Mutex // guards the order of lines, and width
	width int
}

// newOutputView returns nil where nobody wants to see it.
func newOutputView(o Options) *outputView {
	if !o.Output {
		return nil
	}
	c := &outputView{out: o.Out, err: o.Err}
	for i, w := range []io.Writer{o.Out, o.Err} {
		c.terminals[i] = isTerminal(w)
	}
	return c
}

// show shows what an agent prints from now on, until the context ends, and then what is left. It
// begins before the agent does, so that nothing is missed.
func (c *outputView) show(ctx context.Context, agent, folder string, w *follow.Watcher) {
	c.mu.Lock()
	c.width = max(c.width, len(agent))
	c.mu.Unlock()
	for i, name := range []string{supervisor.StdoutFile, supervisor.StderrFile} {
		path := filepath.Join(folder, name)
		tail, _, err := follow.Last(path, 0)
		if err != nil {
			continue // it is told where the output is read to judge it
		}
		changed := make(chan struct{}, 1)
		w.Subscribe(path, changed)
		c.showing.Go(func() {
			defer tail.Close()
			defer w.Unsubscribe(path, changed)
			for living := true; living; {
				select {
				case <-changed:
				case <-ctx.Done():
					living = false
				}
				c.copy(agent, i, tail, !living)
			}
		})
	}
}

// copy shows what a tail has, with the last line when it has no end yet.
func (c *outputView) copy(agent string, stream int, tail *follow.Tail, last bool) {
	for {
		lines, err := tail.More()
		if last && len(lines) == 0 {
			lines = tail.Rest()
		}
		if err != nil || len(lines) == 0 {
			return
		}
		c.print(agent, stream, lines)
	}
}

func (c *outputView) print(agent string, stream int, lines []follow.Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var text bytes.Buffer
	for _, l := range lines {
		line := l.Text
		if c.terminals[stream] {
			line = []byte(redact.Printable(l.Text, widestLine))
		}
		fmt.Fprintf(&text, "%-*s | %s\n", c.width, agent, line)
	}
	to := []io.Writer{c.out, c.err}[stream]
	for text.Len() > 0 {
		if _, err := to.Write(text.Next(chunkShown)); err != nil {
			return // nobody reads it any more
		}
		c.shown.Add(1)
	}
}

// finish waits until everything is shown, as long as the readers take something.
func (c *outputView) finish() {
	if c == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		c.showing.Wait()
		close(done)
	}()
	for before := int64(-1); before != c.shown.Load(); {
		before = c.shown.Load()
		select {
		case <-done:
			return
		case <-time.After(shownFor):
		}
	}
}
