package app

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"healer-sidecar/internal/actions"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host"
	"healer-sidecar/internal/supervisor"
)

// sidecar is everything that runs, wired together.
type sidecar struct {
	options Options
	log     hclog.Logger
	begun   time.Time
	state   *state
	agents  []checked

	reaper   *host.Reaper
	cages    *host.Cages
	spawner  *supervisor.HostSpawner
	units    *supervisor.Supervisor
	watcher  *follow.Watcher
	eyes     []*detect.Agent
	poller   *detect.Poller
	runner   *actions.Runner
	loop     *engine.Loop
	server   *control.Server
	progress *progress
	echoes   []*echo
	// upgrades asks for the program at our path to take over.
	upgrades chan struct{}
	// found is what became of the runs of an earlier sidecar.
	found map[string]heal.Found

	mu      sync.Mutex // guards waiters
	waiters map[string]chan heal.Result
	orders  int
}

// build wires a sidecar over an open state. ctx ends everything but the shutdown.
func build(ctx, thinking context.Context, o Options, st *state, agents []checked) (*sidecar, error) {
	s := &sidecar{
		options: o, log: o.Log, begun: time.Now(), state: st, agents: agents, waiters: map[string]chan heal.Result{}, upgrades: make(chan struct{}, 1),
		reaper: host.NewReaper(), cages: host.OpenCages(shortHash(st.dir)), progress: newProgress(agents),
	}
	watcher, err := follow.NewWatcher()
	if err != nil {
		return nil, err
	}
	s.watcher = watcher
	s.spawner = &supervisor.HostSpawner{
		Reaper: s.reaper, Cages: s.cages, Stdin: o.In, Dir: filepath.Join(st.dir, agentsDir),
		Unlimited: func(agent string, err error) {
			s.log.Warn("declared limits are not in force; detectors still watch them", "agent", agent, "cause", err)
		},
	}
	told := &facts{ctx: ctx, agents: map[string]*detect.Agent{}}
	s.units = supervisor.New(s.policies(), s.spawner, told)
	s.runner = &actions.Runner{
		Units: s.units, Reaper: s.reaper, Log: s.log.Named("actions"), Notify: o.Policy.Notify,
		Evidence: filepath.Join(st.dir, evidenceDir), Outputs: s.outputs, Report: func(r heal.Result) { s.reported(thinking, r) },
	}
	var policies []heal.Policy
	for _, a := range agents {
		policies = append(policies, a.agent.Heal)
	}
	s.loop = engine.NewLoop(engine.New(st.ledger, host.BootID(), policies), st.journal, s.runner, now(), s.observe)
	told.note = func(agent, note string) { s.loop.Post(thinking, engine.Noted{Agent: agent, Note: note}) }
	seen := &sink{ctx: thinking, post: s.loop.Post}
	for _, a := range agents {
		eye := detect.NewAgent(a.spec, s.spawner.AgentDir(a.agent.Name), &text{classifier: a.classifier}, seen)
		told.agents[a.agent.Name] = eye
		s.eyes = append(s.eyes, eye)
	}
	s.poller = detect.NewPoller(s.eyes, s.units)
	s.runner.Readings = s.poller
	s.server, err = control.Listen(filepath.Join(st.dir, control.SocketName), s)
	return s, err
}

// outputs are the files that take an agent's output.
func (s *sidecar) outputs(agent string) []string {
	dir := s.spawner.AgentDir(agent)
	return []string{filepath.Join(dir, supervisor.StdoutFile), filepath.Join(dir, supervisor.StderrFile)}
}

// reported passes a result to the engine and to whoever ordered the attempt.
func (s *sidecar) reported(ctx context.Context, r heal.Result) {
	s.loop.Post(ctx, engine.AttemptFinished{Result: r})
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.waiters[r.Attempt]; w != nil {
		w <- r
		delete(s.waiters, r.Attempt)
	}
}

// observe is told every recorded event by the engine's loop; it must not block.
func (s *sidecar) observe(events []heal.Event) {
	for _, e := range events {
		narrate(s.log, e)
		s.progress.note(e)
	}
}
