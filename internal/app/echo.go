package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"healer-sidecar/internal/host"
)

const (
	// farBehind is where a slow terminal skips output rather than read what was
	// released already.
	farBehind = 4 << 20
	// drainFor is how long a terminal may take for the rest at the end.
	drainFor = 2 * time.Second
)

// echo shows an output file of the agent on the terminal. It reads the file by
// itself, so that a terminal that is held back holds nothing else back.
type echo struct {
	path    string
	out     io.Writer
	offset  int64
	changed chan struct{}
	last    chan struct{}
	done    chan struct{}
}

func (s *sidecar) startEchoes(ctx context.Context) {
	if !s.options.Wrapped {
		return
	}
	outs := []io.Writer{s.options.Out, s.options.Err}
	for i, path := range s.outputs(s.crew.all()[0].agent.Name) {
		e := &echo{path: path, out: outs[i], changed: make(chan struct{}, 1), last: make(chan struct{}), done: make(chan struct{})}
		s.watcher.Subscribe(path, e.changed)
		s.echoes = append(s.echoes, e)
		go e.run(ctx)
	}
}

// drainEchoes shows what is left once the agents have ended.
func (s *sidecar) drainEchoes() {
	for _, e := range s.echoes {
		close(e.last)
		select {
		case <-e.done:
		case <-time.After(drainFor):
		}
	}
}

func (e *echo) run(ctx context.Context) {
	defer close(e.done)
	f, err := host.OpenRegular(e.path)
	if err != nil {
		return
	}
	defer f.Close()
	for {
		select {
		case <-e.changed:
			e.copy(f)
		case <-e.last:
			e.copy(f)
			return
		case <-ctx.Done():
			return
		}
	}
}

// copy shows what is new. A terminal that is gone takes nothing and harms
// nothing.
func (e *echo) copy(f *os.File) {
	if info, err := f.Stat(); err == nil && info.Size()-e.offset > farBehind {
		fmt.Fprintf(e.out, "\n[healer-sidecar: %d bytes are not shown; see %s]\n", info.Size()-e.offset, e.path)
		e.offset = info.Size()
	}
	n, _ := io.Copy(e.out, io.NewSectionReader(f, e.offset, 1<<62))
	e.offset += n
}
