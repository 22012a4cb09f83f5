package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"healer-sidecar/internal/actions"
	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/control"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/detect/inbox"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/logging"
	"healer-sidecar/internal/notify"
	"healer-sidecar/internal/snapshot"
	"healer-sidecar/internal/statedir"
	"healer-sidecar/internal/stdio"
	"healer-sidecar/internal/stdio/console"
	"healer-sidecar/internal/supervisor"
)

// sidecar is everything that runs, wired together.
type sidecar struct {
	options  Options
	log      *logging.Log
	begun    time.Time
	state    *state
	registry registry
	policy   atomic.Pointer[config.Policy]

	reaper   *procs.Reaper
	cages    *cgroup.Groups
	cuts     *netblock.Blocker
	spawner  *supervisor.HostSpawner
	units    *supervisor.Supervisor
	watcher  *follow.Watcher
	sink     *sink
	poller   *detect.Poller
	runner   *actions.Runner
	loop     *engine.Loop
	server   *control.Server
	progress *progress
	tally    runSummary
	// waiting shows a wait; nil where nobody is told of it.
	waiting *countdown
	busy    busyPorts
	served  served
	// fleet is what runs where the policy has a fleet block.
	fleet membership
	// output shows what agents of a policy print; nil where that is not wanted.
	output *outputView
	// till gathers what agents use; ear takes their telemetry, nil for a policy without.
	till *till
	ear  *ear
	// streams are those of a wrapped command; nil for a policy.
	streams *stdio.Client
	// own knows what a command that somebody works on writes itself.
	own ownWrites
	// asked is what somebody has told a wrapped command by signals.
	asked asked
	// silent says that the rest is told to nobody.
	silent atomic.Bool
	// upgrades asks for the program at our path to take over.
	upgrades chan struct{}
	// shutdowns asks for the end of the sidecar and its agents.
	shutdowns chan struct{}
	// reloads asks for the policy to be read again, one at a time; policyFault is why
	// the last one was refused.
	reloads     chan struct{}
	reloading   sync.Mutex
	policyFault atomic.Pointer[string]
	// stopAsking ends the questions to what agents need outside.
	stopAsking context.CancelFunc
	// rootCtx ends last of all, thinking when no more is decided; life and thought are
	// the work that ends with them.
	rootCtx, engineCtx     context.Context
	rootGroup, engineGroup sync.WaitGroup
	// found is what became of the runs of an earlier sidecar, starter who started this one.
	found   map[string]heal.Found
	starter engine.Starter
	// orphaned are living runs of agents that the policy does not name.
	orphaned atomic.Pointer[[]procfs.MarkedRun]
	// going are the agents that ended with us.
	going []string

	mu      sync.Mutex // guards waiters
	waiters map[string]chan heal.Result
	orders  int
}

// build wires a sidecar over an open state.
func build(living, thinking context.Context, o Options, st *state, agents []compile.Agent) (*sidecar, error) {
	s := &sidecar{
		options: o, log: o.Log, begun: time.Now(), state: st, waiters: map[string]chan heal.Result{},
		upgrades: make(chan struct{}, 1), shutdowns: make(chan struct{}, 1), reloads: make(chan struct{}, 1), stopAsking: func() {}, rootCtx: living, engineCtx: thinking,
		reaper: procs.NewReaper(), cages: cgroup.Open(shortHash(st.home)), cuts: netblock.Open(shortHash(st.home)), progress: newProgress(agents, o.Dev),
		busy: busyPorts{watching: map[string]context.CancelFunc{}, errno: map[string]string{}},
	}
	s.cages.LimitTasks(shortHash(st.home))
	s.log.Debug("agents together get fewer tasks than the sidecar may have", "how", s.cages.Tasks().Why)
	s.policy.Store(o.Policy)
	watcher, err := follow.NewWatcher()
	if err != nil {
		return nil, err
	}
	s.watcher = watcher
	s.spawner = &supervisor.HostSpawner{
		Reaper: s.reaper, Cages: s.cages, Cuts: s.cuts, Dir: filepath.Join(st.dir, agentsDir), Home: st.home, KeepTTY: []string{self, "keep-tty"}, StartAs: []string{self, "start-as"},
		Sockets: func(agent string) map[string]string { return inbox.Env(s.spawner.AgentDir(agent)) },
		Spare:   statedir.InMemory, Moved: s.moved,
		Amend: s.route,
		Unlimited: func(agent string, err error) {
			s.log.Warn("declared limits are not in force; detectors still watch them", "agent", agent, "cause", err)
		},
	}
	s.output = newOutputView(o)
	if err := s.wrapStreams(); err != nil {
		return nil, err
	}
	s.units = supervisor.New(policiesOf(agents), s.spawner, &facts{ctx: living, observer: s.registry.observer, note: s.noted})
	s.poller = detect.NewPoller(s.units)
	s.runner = &actions.Runner{
		Units: s.units, Reaper: s.reaper, Readings: s.poller, Log: s.log.Named("actions"), Agent: s.policyOf, Note: s.noted,
		Deaths: &actions.Deaths{},
		Type:   func(agent, text string) error { return console.Type(s.spawner.AgentDir(agent), []byte(text)) },
		Store:  snapshot.Store{Dir: filepath.Join(st.dir, snapshotsDir)},
		Outbox: &notify.Outbox{
			Dir: filepath.Join(st.dir, outboxDir), Reaper: s.reaper, Log: s.log.Named("notify"), Ways: func() []config.Notify { return s.policy.Load().Notify },
		},
		Host:     hostname(),
		Redact:   redact.All,
		Evidence: filepath.Join(st.dir, evidenceDir), Outputs: s.outputs, Report: func(r heal.Result) { s.reported(thinking, r) },
	}
	s.loop = engine.NewLoop(engine.New(st.ledger, procfs.BootID(), o.Policy.Host, compile.HealingOf(agents)), st.journal, s.runner, now(), s.observe)
	s.loop.Fleet = &s.fleet
	s.openSink(thinking, o)
	eyes := map[string]*detect.Agent{}
	for _, a := range agents {
		eyes[a.Agent.Name] = s.newObserver(a)
	}
	s.registry.put(agents, eyes)
	s.registry.watch(s.poller)
	if s.server, err = control.Listen(filepath.Join(st.dir, control.SocketName), s); err != nil {
		return nil, err
	}
	s.server.Broke = s.broke
	return s, nil
}

// hostname is the name by which people know this machine.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// moved follows the output of an agent whose files cannot lie in the state directory.
func (s *sidecar) moved(agent, dir string, why error) {
	if eye := s.registry.observer(agent); eye != nil {
		eye.Moved(s.rootCtx, dir)
	}
	s.log.Warn("the state directory takes no files; the next run of the agent writes its output elsewhere", "agent", agent, "folder", dir, "cause", why)
	s.noted(agent, fmt.Sprintf("state_degraded: the files of the next run lie in %s: %v", dir, why))
}

// noted keeps what is worth knowing about an agent and changes nothing.
func (s *sidecar) noted(agent, note string) {
	s.loop.Post(s.engineCtx, engine.Noted{Agent: agent, Note: redact.All(note)})
}

// policyOf is what the policy says of an agent.
func (s *sidecar) policyOf(agent string) (config.Agent, bool) {
	a, ok := s.registry.find(agent)
	return a.Agent, ok
}

// exitContext lets remedies know what agents said before they died, and of what they did.
func (s *sidecar) exitContext(e heal.Event) {
	switch {
	case e.Kind == heal.EventSignal && e.Signal.Witness == heal.WitnessExit:
		s.runner.Deaths.Died(e.Agent, e.Signal.Lines)
	case e.Kind == heal.EventDiagnosed:
		s.runner.Deaths.Diagnosed(e.Agent, e.Diag.Fingerprint)
	}
}

// outputs are the files that take an agent's output.
func (s *sidecar) outputs(agent string) []string {
	dir := s.spawner.AgentDir(agent)
	return []string{filepath.Join(dir, supervisor.StdoutFile), filepath.Join(dir, supervisor.StderrFile)}
}

// reported passes a result to the engine and to whoever ordered the attempt.
func (s *sidecar) reported(ctx context.Context, r heal.Result) {
	r.Error = redact.All(r.Error) // it may quote what a command printed
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
		switch {
		case s.log.Plain && s.unnoticed(e): // as without us
			s.tally.note(e)
		case s.log.Plain && !s.tally.knows(e):
		case s.log.Plain:
			s.log.Say(plainly(e))
			s.tally.note(e)
			s.waiting.note(e)
		default:
			narrate(s.log, e)
		}
		s.exitContext(e)
		s.busy.note(s, e)
		s.noteServed(e)
		s.fleet.saw(e)
		s.progress.note(e)
	}
}
