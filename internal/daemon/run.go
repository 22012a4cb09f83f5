package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect"
	"healer-sidecar/internal/detect/follow"
	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/launch"
	"healer-sidecar/internal/snapshot"
	"healer-sidecar/internal/statedir"
)

const (
	// gcPercent keeps the heap of a sidecar, which is small and lives long, small;
	// startPercent lets it start without a collection.
	gcPercent, startPercent = 50, 400
)

// settled are the times at which what only starting needed is given back: a few agents are up
// at once, hundreds take their time.
var settled = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute}

// Run is a sidecar's whole life. The code to exit with is that of the agent when all
// agents have ended, else 0.
func Run(o Options) (Ending, error) {
	if o.Wrapped {
		command, err := launch.Runnable(o.Policy.Agents[0].Command)
		if err != nil {
			return Ending{}, err
		}
		o.Policy.Agents[0].Command = command
	}
	agents, err := compile.Agents(o.Policy)
	if err != nil {
		return Ending{}, err
	}
	claimProcess(o)
	st, err := openStateFor(o)
	if err != nil {
		return Ending{}, err
	}
	defer st.tidy(o)
	living, end := context.WithCancel(context.Background())
	thinking, stopThinking := context.WithCancel(living)
	defer end()
	defer stopThinking()
	s, err := build(living, thinking, o, st, agents)
	if err != nil {
		return Ending{}, errors.Join(err, st.close())
	}
	s.rootGroup.Go(func() { s.reaper.Run(living) })
	s.rootGroup.Go(func() { s.units.Run(living) })
	s.rootGroup.Go(func() { s.watcher.Run(living) })
	if err := s.prepare(living); err != nil {
		s.server.Close()
		end()
		s.rootGroup.Wait()
		return Ending{}, errors.Join(err, st.close())
	}
	s.begin()
	sig := s.wait()
	stopThinking()
	s.server.Close()
	s.closeServing()
	s.runner.Close()
	s.engineGroup.Wait()
	s.reloading.Lock() // forever: nothing is taken in or let go any more
	ending := s.shutDown(sig)
	end()
	s.rootGroup.Wait()
	s.output.finish()
	s.spawner.Wait()
	if s.anyLeft() {
		st.temporary = false // their output lies there
	} else {
		s.spawner.DropSpare()
	}
	s.cages.Close()
	return ending, st.close()
}

// claimProcess sets what belongs to the process as a whole.
func claimProcess(o Options) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(startPercent)
	}
	kernel.ClearProcOverrides()
	if !o.Wrapped { // a wrapped command runs where its caller wanted it, with what that one gave it
		kernel.SealDescriptors()
	}
	if err := kernel.BecomeSubreaper(); err != nil {
		o.Log.Warn("escaped grandchildren will not be found", "cause", err)
	}
}

// begin sets everything going.
func (s *sidecar) begin() {
	eachAtOnce(s.registry.all(), func(a compile.Agent) { s.startObserver(a.Agent.Name, s.registry.observer(a.Agent.Name)) })
	s.rootGroup.Go(func() { s.poller.Run(s.rootCtx) })
	s.engineGroup.Go(func() { s.loop.Run(s.engineCtx) })
	s.engineGroup.Go(func() { s.runner.Outbox.Run(s.engineCtx) })
	s.engineGroup.Go(func() { s.serveReloads(s.engineCtx) })
	s.askOutside(s.policy.Load().Dependencies)
	if s.log.Plain {
		s.engineGroup.Go(func() { s.waiting.run(s.engineCtx) })
	}
	if s.options.Dev {
		s.engineGroup.Go(func() { s.restartOnChange(s.engineCtx) })
	}
	forget, err := statedir.Register(s.state.dir)
	if err != nil {
		s.log.Debug("verbs need --state-dir to find this sidecar", "cause", err)
	}
	context.AfterFunc(s.rootCtx, forget)
	go s.server.Serve()
	s.serve()
	s.joinFleet(s.policy.Load().Fleet)
	s.serveEar()
	s.engineGroup.Go(func() { s.tryChanged(s.engineCtx) })
	s.engineGroup.Go(func() { s.guard(s.engineCtx) })
	s.loop.Post(s.engineCtx, engine.Launch{Found: s.found, By: s.starter})
	go cgroup.ReserveThreads() // before an agent can have taken all that the kernel gives
	if managed() {
		tellManager(daemon.SdNotifyReady)
		s.engineGroup.Go(func() { s.feedManager(s.engineCtx) })
	}
	for _, after := range settled {
		time.AfterFunc(after, settle)
	}
}

// settle gives back what only starting needed. Collecting garbage before that would keep agents
// waiting, and is not worth it: a command may be over by then.
func settle() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	kernel.ReleaseStartupPages()
}

// prepare takes over what an earlier sidecar left running, makes the agents'
// folders, and records that we are here.
func (s *sidecar) prepare(ctx context.Context) error {
	first := []heal.Event{{Kind: heal.EventSidecarStarted, Boot: procfs.BootID(), Note: s.options.Version}}
	if n := s.state.damaged; n > 0 {
		s.log.Warn("damaged records of the journal were set aside", "records", n)
		first = append(first, heal.Event{Kind: heal.EventNote, Note: fmt.Sprintf("journal_repaired: %d damaged records were set aside in journal.damaged", n)})
	}
	if s.starter = s.startedBy(); len(s.registry.all()) == 0 {
		s.log.Warn("no agent is defined yet", "policy", s.options.Config, "hint", "add an agent block, then healer-sidecar reload")
	}
	if err := s.openAll(ctx); err != nil {
		return err
	}
	if s.state.safe {
		s.log.Warn("what was learned was set aside: loading it had ended the sidecar again and again", "file", asideFile)
		first = append(first, heal.Event{Kind: heal.EventNote, Note: "safe_mode: what was learned was set aside in " + asideFile})
	}
	s.findOrphans()
	s.cages.Sweep()
	first = append(first, s.reconnect()...)
	s.prepareServing()
	s.openEar()
	// A disk that takes nothing now is shown in the status; the agents come first.
	err := s.state.append(first...)
	if s.state.ahead { // what took long to load must not be loaded again
		err = errors.Join(err, s.state.save())
	}
	if err = errors.Join(err, endLoading(s.state.dir)); err != nil {
		s.log.Warn("the journal is degraded", "cause", err)
	}
	return nil
}

// reconnect gives the network back that was taken from runs which are over. Where we may
// not touch the network at all it tells so for those that should be cut off one day.
func (s *sidecar) reconnect() (told []heal.Event) {
	stay, namespaces := map[string]bool{}, map[string]bool{}
	for _, a := range s.registry.all() {
		found, run := s.found[a.Agent.Name], s.state.ledger.Agent(a.Agent.Name).Run
		if run != nil {
			stay[run.ID], namespaces[run.Namespace] = found.State != heal.FoundGone, true
		}
		if found.Run != nil {
			stay[found.Run.ID] = true
		}
	}
	err := s.cuts.Sweep(stay, namespaces)
	if err != nil && !errors.Is(err, netblock.ErrNoCuts) { // where nothing can be cut there is nothing of ours
		s.log.Warn("what is left of earlier runs is still cut off", "cause", err)
		return nil
	}
	for _, a := range s.registry.all() {
		if name := a.Agent.Name; err != nil && a.Agent.Isolate.Network {
			s.log.Warn("it would be frozen but not cut off the network", "agent", name, "cause", err)
			told = append(told, heal.Event{Kind: heal.EventNote, Agent: name, Note: "no_network_cut: it would be frozen only: " + err.Error()})
		}
	}
	return told
}

// openAll opens all agents, several at once: most of it waits for file systems.
func (s *sidecar) openAll(ctx context.Context) error {
	left := map[string]remains{}
	for _, a := range s.registry.all() {
		left[a.Agent.Name] = remainsOf(s.state.ledger.Agent(a.Agent.Name))
	}
	s.found = map[string]heal.Found{}
	var mu sync.Mutex // guards failed and s.found
	var failed error
	eachAtOnce(s.registry.all(), func(a compile.Agent) {
		name := a.Agent.Name
		found, err := s.open(ctx, a, left[name], s.registry.observer(name))
		mu.Lock()
		defer mu.Unlock()
		s.found[name] = found
		failed = errors.Join(failed, err)
	})
	return failed
}

// atOnce is how many agents are opened at the same time.
const atOnce = 8

// eachAtOnce does something for every agent, for several at the same time, and returns when all
// are done.
func eachAtOnce(agents []compile.Agent, do func(compile.Agent)) {
	var all sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for _, a := range agents {
		free <- struct{}{}
		all.Go(func() {
			do(a)
			<-free
		})
	}
	all.Wait()
}

// open makes an agent's folder, or goes on with the run that was left.
func (s *sidecar) open(ctx context.Context, a compile.Agent, left remains, eye *detect.Agent) (heal.Found, error) {
	agent, keep := a.Agent.Name, detect.Keeping(a.Agent.Output)
	if err := s.goOnWith(a.Agent, left); err != nil { // nothing may be started on half of a state
		return heal.Found{State: heal.FoundAmbiguous, Why: err.Error()}, nil
	}
	found := s.find(ctx, agent, left.run)
	switch found.State {
	case heal.FoundAlive:
		eye.Adopt(*found.Run)
	case heal.FoundAmbiguous: // what is there stays as it is
	default:
		for _, path := range s.outputs(agent) {
			follow.SetAside(path, keep)
		}
		if err := s.spawner.Open(agent); err != nil {
			s.log.Warn("the folder of the agent cannot be used", "agent", agent, "cause", err)
		}
	}
	return found, nil
}

// goOnWith ends a rollback that was interrupted, and puts on the agent what remedies have
// left in force.
func (s *sidecar) goOnWith(a config.Agent, left remains) error {
	var paths []string
	for _, snap := range a.Snapshots {
		paths = append(paths, snap.Paths...)
	}
	switch ended, err := s.runner.Store.Recover(a.Name, paths); {
	case snapshot.Lost(err): // the agent is not kept down by that
		s.log.Warn("a rollback that was interrupted cannot be ended: the agent goes on with what is there", "agent", a.Name, "cause", err)
		s.noted(a.Name, "rollback_lost: "+err.Error())
	case err != nil:
		return fmt.Errorf("cannot go on with a rollback of %s: %w", a.Name, err)
	case ended:
		s.log.Warn("a rollback that was interrupted has been ended", "agent", a.Name)
	}
	if len(left.levels) == 0 {
		return nil
	}
	return s.units.Dress(a.Name, config.Overlays{
		Degrade: min(left.levels[heal.DegradeGracefully], len(a.Degrades)), Alternative: left.way, Tune: left.levels[heal.Reconfigure], Factor: a.Heal.Throttle,
	})
}

// remains are what is known of an agent from before: its run, and what remedies have left
// in force.
type remains struct {
	run    *heal.RunFact
	levels map[heal.Strategy]int
	way    string
}

func remainsOf(a *ledger.Agent) remains {
	r := remains{run: a.Run}
	r.levels, r.way = a.InForce()
	return r
}

// find says what became of the run that an earlier sidecar left.
func (s *sidecar) find(ctx context.Context, agent string, run *heal.RunFact) heal.Found {
	found, err := s.units.Adopt(ctx, agent, run)
	if err != nil {
		return heal.Found{State: heal.FoundAmbiguous, Why: "what an earlier run left could not be ended: " + err.Error()}
	}
	return found
}
