package daemon

import (
	"sync"
	"syscall"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/launch"
)

// progress knows when there is nothing left to do: every agent has finished or
// was given up.
type progress struct {
	over chan struct{}

	mu     sync.Mutex // guards everything below
	order  []string
	ended  map[string]bool
	gaveUp map[string]bool
	exits  map[string]heal.Exit
	closed bool
}

// newProgress follows agents; with forever there is always something left to do.
func newProgress(agents []compile.Agent, forever bool) *progress {
	p := &progress{over: make(chan struct{}), closed: forever, ended: map[string]bool{}, gaveUp: map[string]bool{}, exits: map[string]heal.Exit{}}
	for _, a := range agents {
		p.order = append(p.order, a.Agent.Name)
	}
	return p
}

// expect waits from now on for these agents; fresh ones have not ended yet.
func (p *progress) expect(agents []compile.Agent, fresh []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.order = nil
	for _, a := range agents {
		p.order = append(p.order, a.Agent.Name)
	}
	for _, name := range fresh {
		p.ended[name] = false
	}
}

// note takes one event into account.
func (p *progress) note(e heal.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case heal.EventStarted:
		p.ended[e.Agent], p.gaveUp[e.Agent] = false, false
	case heal.EventExited, heal.EventFinished:
		if e.Exit != nil && !(e.Exit.Unknown && p.exits[e.Agent] != (heal.Exit{})) {
			p.exits[e.Agent] = *e.Exit
		}
		p.ended[e.Agent] = e.Kind == heal.EventFinished
	case heal.EventGaveUp:
		p.ended[e.Agent], p.gaveUp[e.Agent] = true, true
	}
	for _, agent := range p.order {
		if !p.ended[agent] {
			return
		}
	}
	if len(p.order) > 0 && !p.closed { // without any agent the sidecar waits for a reload
		p.closed = true
		close(p.over)
	}
}

// failed is the exit code of an agent that did not succeed and whose own code does not say so.
const failed = 1

// code is the exit code of the first agent that did not succeed; 0 when all did. One that
// never ran has not succeeded.
func (p *progress) code() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, agent := range p.order {
		exit, ran := p.exits[agent]
		if c := codeOf(exit); c != 0 {
			return c
		}
		if !ran || p.gaveUp[agent] {
			return failed
		}
	}
	return 0
}

// signal is that by which the only agent ended; 0 when it ended otherwise, or is not the only one.
func (p *progress) signal() syscall.Signal {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) != 1 {
		return 0
	}
	return kernel.SignalByName(p.exits[p.order[0]].Signal)
}

// signalled is what shells add to the number of a signal.
const signalled = 128

// codeOf is what a shell would report for an exit.
func codeOf(e heal.Exit) int {
	switch {
	case e.Unknown:
		return failed
	case e.Errno == "ENOENT":
		return launch.CodeNotFound
	case e.Errno != "":
		return launch.CodeNotExecutable
	case e.Signal != "":
		return signalled + int(kernel.SignalByName(e.Signal))
	}
	return e.Code
}
