package daemon

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/httpjson"
	"healer-sidecar/internal/telemetry"
	"healer-sidecar/internal/telemetry/reading"
)

const (
	// addressFile holds where telemetry is taken: agents that run on after a restart of the sidecar
	// export to the same place. forwardDir is the queue of what a collector still gets.
	addressFile, forwardDir = "telemetry.addr", "telemetry"
	// maxKnownRuns is of how many runs of an agent what comes late still counts.
	maxKnownRuns = 8
	// maxSettings bounds a file of a user that is looked into.
	maxSettings = 1 << 20
)

// ear takes the telemetry of agents; without the block there is none.
type ear struct {
	address  string
	failure  string
	receiver *telemetry.Receiver
	queue    *telemetry.Queue
	listener net.Listener

	mu sync.Mutex // guards everything below
	// runs are the latest runs of each agent, routes where their telemetry goes.
	runs   map[string][]string
	routes map[string]string
}

// openEar listens for telemetry before any agent starts. Agents come first: what cannot be opened is
// told, and nothing else suffers.
func (s *sidecar) openEar() {
	p := s.policy.Load().Telemetry
	if !p.On {
		return
	}
	e := &ear{runs: map[string][]string{}, routes: map[string]string{}}
	s.ear = e
	l, err := s.listenAgain(p.Listen)
	if err != nil {
		e.failure = err.Error()
		s.log.Warn("telemetry of agents is not taken", "cause", err)
		return
	}
	e.listener, e.address = &httpjson.Limit{Listener: l, Total: kernel.Share(maxVisitors), Patience: scrapeFor}, l.Addr().String()
	if p.Forward != "" {
		q, err := telemetry.OpenQueue(filepath.Join(s.state.dir, forwardDir), p.Forward, p.Headers, int64(p.Queue))
		if err != nil {
			e.failure = err.Error()
			s.log.Warn("telemetry is not forwarded", "cause", err)
		} else {
			e.queue = q
		}
	}
	e.receiver = telemetry.New(e.belongs, s.hearTelemetry, e.queue)
	for _, a := range s.registry.all() {
		s.resumeEar(a.Agent.Name)
	}
}

// listenAgain listens where an earlier sidecar did, if any port will do.
func (s *sidecar) listenAgain(address string) (net.Listener, error) {
	path := filepath.Join(s.state.dir, addressFile)
	before, _ := os.ReadFile(path)
	wanted := address
	if h, port, err := net.SplitHostPort(address); err == nil && port == "0" && hostOf(string(before)) == h {
		wanted = strings.TrimSpace(string(before))
	}
	l, err := net.Listen("tcp", wanted)
	if err != nil && wanted != address {
		s.log.Warn("another program has the port of telemetry now; agents that run on export to it no more", "address", wanted, "cause", err)
		l, err = net.Listen("tcp", address)
	}
	if err != nil {
		return nil, err
	}
	if err := fsys.Replace(path, []byte(l.Addr().String()+"\n")); err != nil {
		s.log.Warn("the next sidecar will not take telemetry at the same address", "cause", err)
	}
	return l, nil
}

// resumeEar goes on with a run of an earlier sidecar.
func (s *sidecar) resumeEar(agent string) {
	record := s.state.ledger.Agent(agent)
	if record.Run == nil {
		return
	}
	s.ear.knows(agent, record.Run.ID)
	if record.Spend == nil || record.Spend.RunID != record.Run.ID {
		return
	}
	for name, m := range record.Spend.Processes {
		s.ear.receiver.Resume(agent, record.Run.ID, name, m.Via, m.Marks)
	}
}

// serveEar answers until the sidecar ends.
func (s *sidecar) serveEar() {
	e := s.ear
	if e == nil || e.receiver == nil {
		return
	}
	if e.queue != nil {
		s.engineGroup.Go(func() { e.queue.Run(s.engineCtx) })
	}
	go func() {
		if err := e.receiver.Serve(e.listener); err != nil {
			s.log.Warn("telemetry of agents is not taken any more", "cause", err)
		}
	}()
}

// hearTelemetry takes what was read of one run. It must not wait.
func (s *sidecar) hearTelemetry(r reading.Reading) {
	for _, u := range r.Usage {
		s.till.add(r.Agent, u)
	}
}

func (e *ear) knows(agent, run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := append(e.runs[agent], run)
	e.runs[agent] = all[max(0, len(all)-maxKnownRuns):]
}

func (e *ear) belongs(agent, run string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Contains(e.runs[agent], run)
}

// route makes a program export here before it is started.
func (s *sidecar) route(a config.Agent, run string, c *procs.Command) {
	e := s.ear
	if e == nil || e.receiver == nil {
		return
	}
	e.knows(a.Name, run)
	r := telemetry.To(e.address, a.Name, run, c.Env, c.Argv, s.policy.Load().Telemetry.Override, settingsFile)
	c.Env, c.Argv = r.Env, r.Argv
	how := "taken at " + e.address
	if r.Elsewhere != "" {
		how = "not taken: " + r.Elsewhere
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.routes[a.Name] = how
}

// settingsFile is a file of a user, up to a bound.
func settingsFile(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, maxSettings))
	return b
}

// status is what people see of it; nil for a policy without the block.
func (e *ear) status() *heal.TelemetryStatus {
	if e == nil {
		return nil
	}
	t := &heal.TelemetryStatus{Address: e.address, Failure: e.failure}
	if e.receiver != nil {
		c := e.receiver.Counts()
		t.Batches, t.Refused, t.Unattributed = c.Batches, c.Refused, c.Unattributed
	}
	if e.queue != nil {
		q := e.queue.Status()
		t.Forward = &q
	}
	return t
}

// routeOf says where the telemetry of an agent goes.
func (e *ear) routeOf(agent string) string {
	if e == nil {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	how := e.routes[agent]
	if how == "" && e.failure == "" && len(e.runs[agent]) > 0 {
		how = "as it was when the agent was started"
	}
	return how
}
