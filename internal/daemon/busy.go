package daemon

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// lookForPort is how often a port is looked at that an agent waits for.
const lookForPort = 100 * time.Millisecond

// busyPorts looks at the ports that agents could not have, while their incidents are open. It
// belongs to the goroutine that observes the engine.
type busyPorts struct {
	// watching ends the look of an agent.
	watching map[string]context.CancelFunc
	// errno is why the latest run of an agent could not be executed; empty for one that could.
	errno map[string]string
}

// note begins to look when an agent failed because its address is in use, and ends with the
// incident, or when something else is known of it.
func (b *busyPorts) note(s *sidecar, e heal.Event) {
	switch e.Kind {
	case heal.EventDiagnosed, heal.EventClosed, heal.EventStarted:
		if end := b.watching[e.Agent]; end != nil {
			end()
			delete(b.watching, e.Agent)
		}
	}
	if e.Kind == heal.EventExited && e.Exit != nil {
		b.errno[e.Agent] = e.Exit.Errno
	}
	if e.Kind != heal.EventDiagnosed {
		return
	}
	free, news := b.awaited(s, e)
	if free == nil {
		return // nobody can say what it waits for
	}
	ctx, end := context.WithCancel(s.engineCtx)
	b.watching[e.Agent] = end
	s.engineGroup.Go(func() {
		if portFreed(ctx, free) {
			s.loop.Post(ctx, news)
		}
	})
}

// awaited tells whether what an agent could not have is there, and what to say then; nil where
// nobody knows.
func (b *busyPorts) awaited(s *sidecar, e heal.Event) (free func() bool, news engine.Message) {
	agent, known := s.policyOf(e.Agent)
	switch {
	case known && b.errno[e.Agent] != "" && len(agent.Command) > 0:
		return programBack(agent), engine.ProgramBack{Agent: e.Agent, Incident: e.Incident}
	case e.Diag.Cause == heal.Busy:
		return s.freed(e), engine.PortFreed{Agent: e.Agent, Incident: e.Incident}
	case known && e.Diag.Needs != nil:
		if there := appears(agent, e.Diag.Needs.Missing); there != nil {
			return there, engine.ProgramBack{Agent: e.Agent, Incident: e.Incident, What: "something that was missing"}
		}
	}
	return nil, nil
}

// programBack tells whether the program of an agent that could not be executed is there, and another
// one than now: one that stays as it is would fail in the same way.
func programBack(a config.Agent) func() bool {
	before := programOf(a)
	return func() bool {
		now := programOf(a)
		return now != "" && now != before
	}
}

// programOf is which file an agent is executed from, and its state; empty when there is none.
func programOf(a config.Agent) string {
	path, err := compile.FindProgram(a)
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(path, info.Size(), info.Mode(), info.ModTime().UnixNano())
}

// appears tells whether one of the files or programs is there that an agent said were missing; nil where all
// of them are there now: then it meant something else.
func appears(a config.Agent, names []string) func() bool {
	var missing []string
	for _, name := range names {
		if placeOf(a, name) == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return func() bool {
		return slices.ContainsFunc(missing, func(name string) bool { return placeOf(a, name) != "" })
	}
}

// placeOf returns the path of a file or program that an agent names; empty where there is none.
func placeOf(a config.Agent, name string) string {
	if rest, home := strings.CutPrefix(name, "~/"); home {
		name = filepath.Join(a.Env["HOME"], rest)
	}
	if path := config.Under(a.Dir, name); exists(path) {
		return path
	}
	if strings.Contains(name, "/") {
		return ""
	}
	found, err := compile.LookUp(a, name)
	if err != nil {
		return ""
	}
	return found
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// freed tells whether what an agent could not have is free again: when nothing listens on the
// ports of its last words any more, or, where they name none, on one that it is started with. It
// is nil when no port is known on which something listens.
func (s *sidecar) freed(e heal.Event) func() bool {
	var named []int
	if e.Diag.Needs != nil {
		named = slices.Clone(e.Diag.Needs.Ports)
	}
	if ports := taken(named); len(ports) > 0 {
		return func() bool { return !slices.ContainsFunc(ports, sampling.Listening) }
	}
	agent, known := s.policyOf(e.Agent)
	if !known {
		return nil
	}
	ports := taken(portsOf(agent, s.policy.Load().Dependencies))
	if len(ports) == 0 {
		return nil
	}
	return func() bool { return slices.ContainsFunc(ports, idle) }
}

func idle(port int) bool { return !sampling.Listening(port) }

func taken(ports []int) []int { return slices.DeleteFunc(ports, idle) }

// portsOf are the numbers that an agent is started with which may be its ports: not those of
// what it needs outside.
func portsOf(a config.Agent, outside []config.Dependency) []int {
	words := slices.Concat(slices.Collect(maps.Values(a.Env)), a.Command, []string{a.Ready.TCP})
	return slices.DeleteFunc(classify.PortsIn(words), func(port int) bool {
		suffix := ":" + strconv.Itoa(port)
		return slices.ContainsFunc(outside, func(d config.Dependency) bool { return strings.HasSuffix(d.Target.TCP, suffix) })
	})
}

// portFreed waits until something is free; false when that is not waited for any more.
func portFreed(ctx context.Context, free func() bool) bool {
	tick := time.NewTicker(lookForPort)
	defer tick.Stop()
	for !free() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
