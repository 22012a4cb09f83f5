package supervisor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/kernel"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

// ErrUnkillable says that a process survived KILL, so nothing may be started.
var ErrUnkillable = errors.New("unkillable: a process of the earlier run survived SIGKILL; no second copy is started")

const (
	// killFor is how long the kernel may take to end what was killed.
	killFor = 5 * time.Second
	// lookEvery is how often a set that is being ended is looked at.
	lookEvery = 5 * time.Millisecond
	// prepareAfter is the uptime at which the berth of the next run is made, so that
	// its start is short when this one ends. While other agents start it waits: they go first.
	prepareAfter = 50 * time.Millisecond
)

// starts is when any unit has started a run last.
type starts struct{ at atomic.Int64 }

func (s *starts) note()              { s.at.Store(time.Now().UnixNano()) }
func (s *starts) ago() time.Duration { return time.Duration(time.Now().UnixNano() - s.at.Load()).Abs() }

// request is a command that waits for its answer.
type request struct {
	ctx   context.Context
	want  event
	reply chan error
	// signal replaces the policy's stop signal; 0 for that of the policy.
	signal syscall.Signal
}

// unit owns one agent. Everything in it belongs to its goroutine.
type unit struct {
	// agent is what is started: the policy's, with what remedies have put on.
	agent, base config.Agent
	dress       config.Overlays
	spawner     Spawner
	facts       Facts
	starts      *starts

	requests chan request
	queries  chan func(*unit)
	// gone is closed when nobody answers any more.
	gone chan struct{}

	// cage is the cgroup of the present run, for those who only look; nil without one.
	cage atomic.Pointer[cgroup.Group]

	state state
	run   int
	// berth is ready for the next run; nil when nothing was prepared.
	berth   PreparedRun
	process Process
	exited  <-chan heal.Exit
	exit    *heal.Exit
	last    *heal.Exit
	ordered bool
	current request
	waiting []request
	grace   *time.Timer
	look    *time.Timer
	ready   *time.Timer
	// glancing is when a running agent is looked at next, killed what it lost for want of memory.
	glancing *time.Timer
	killed   oomKills
	frozen   string
	// slowed says that a duty cycle stops and continues it; held that it is frozen, or that.
	slowed bool
	held   atomic.Bool
	// killErr is why KILL could not be sent to all of it; nil when it could.
	killErr error
	// oomKills is how many the kernel had killed for memory when the run began, on the
	// whole host.
	oomKills int
	oomKnown bool
	// retired says that the agent was taken out of the policy.
	retired bool
}

func newUnit(a config.Agent, spawner Spawner, facts Facts, s *starts) *unit {
	u := &unit{agent: a.Dressed(config.Overlays{}), base: a, spawner: spawner, facts: facts, starts: s, requests: make(chan request), queries: make(chan func(*unit)), gone: make(chan struct{})}
	for _, t := range []**time.Timer{&u.grace, &u.look, &u.ready, &u.glancing} {
		*t = time.NewTimer(time.Hour)
		(*t).Stop()
	}
	return u
}

// serve runs the unit until the context ends or its agent is taken out.
func (u *unit) serve(ctx context.Context) {
	defer close(u.gone)
	defer u.leave()
	for !u.retired {
		u.held.Store(u.process != nil && (u.frozen != "" || u.slowed))
		select {
		case r := <-u.requests:
			u.current = r
			u.take(u.wanted(r))
		case ask := <-u.queries:
			ask(u)
		case exit := <-u.exited:
			u.ended(exit)
		case <-u.grace.C:
			u.take(graceOver)
		case <-u.ready.C:
			u.prepare()
		case <-u.look.C:
			u.lookAround()
		case <-u.glancing.C:
			u.glance()
		case <-ctx.Done():
			return
		}
	}
}

// leave ends our part. A process that is still there goes on without us.
func (u *unit) leave() {
	if u.berth != nil {
		u.berth.Discard()
	}
	if u.process != nil {
		u.process.Leave()
	}
}

// lookAround asks whether the set is empty and asks again later if not.
func (u *unit) lookAround() {
	empty := u.process != nil && u.process.Empty()
	if empty && u.exited != nil && u.ordered && u.process.Foreign() {
		// Its parent may take long to ask how it ended; nobody needs to wait for that.
		u.exited, u.exit = nil, &heal.Exit{Unknown: true}
		u.take(leaderEnded)
	}
	if empty && u.exited == nil {
		u.take(setEmpty)
		return
	}
	u.look.Reset(lookEvery)
}

// take looks the event up in the table, does what the cell says and moves on.
func (u *unit) take(e event) {
	c := table[u.state][e]
	u.state = c.next
	switch c.do {
	case launch:
		u.launch()
	case already:
		u.current.reply <- nil
	case refuse:
		u.current.reply <- u.survived()
	case queue:
		u.waiting = append(u.waiting, u.current)
	case terminate:
		u.waiting = append(u.waiting, u.current)
		u.ordered = true
		u.terminate()
	case drain:
		u.waiting = append(u.waiting, u.current)
		u.ordered = true
		u.drain()
	case press:
		u.terminate()
	case finish:
		u.report()
		u.sweep()
	case kill:
		u.kill()
	case killAgain:
		u.waiting = append(u.waiting, u.current)
		u.kill()
	case sweep:
		if u.process.Populated() {
			u.facts.Left(u.agent.Name, u.process.Describe())
		}
		u.report()
		runtime.Gosched() // what the end means is more urgent than to clean up after it
		u.sweep()
	case note:
		u.report()
	case giveUp:
		u.answer(u.survived())
		u.look.Reset(lookEvery)
	case settle:
		u.settle()
	}
}

// launch starts a run. A failure leaves the unit down.
func (u *unit) launch() {
	u.run++
	u.starts.note()
	p, err := u.start()
	if err != nil {
		u.state = down
		u.refused(err)
		u.current.reply <- err
		return
	}
	u.process, u.exited, u.exit, u.ordered, u.frozen, u.slowed = p, p.Exited(), nil, false, "", false
	u.cage.Store(p.Cage())
	u.oomKills, u.oomKnown = sampling.OOMKillsOfHost()
	u.killed = oomKills{}
	u.glance()
	u.facts.Started(u.agent.Name, p.Fact())
	u.current.reply <- nil
	u.ready.Reset(prepareAfter)
}

func (u *unit) start() (Process, error) {
	if u.berth == nil {
		berth, err := u.spawner.Prepare(u.agent)
		if err != nil {
			return nil, err
		}
		u.berth = berth
	}
	berth := u.berth
	u.berth = nil
	if len(u.base.Degrades) > 0 {
		if err := u.spawner.Tell(u.agent.Name, u.base.Mode(u.dress)); err != nil {
			berth.Discard()
			return nil, err
		}
	}
	return berth.Start(u.current.ctx, u.run)
}

// prepare makes the berth of the next run. What fails here fails again, and is
// told, at the start itself.
func (u *unit) prepare() {
	if u.berth != nil || u.state != running {
		return
	}
	if u.starts.ago() < prepareAfter {
		u.ready.Reset(prepareAfter)
		return
	}
	if berth, err := u.spawner.Prepare(u.agent); err == nil {
		u.berth = berth
	}
}

// refused reports a run that could not be begun as one that ended at once, so that it is
// healed like any other: the errno is evidence. A start that was called off is no failure.
func (u *unit) refused(err error) {
	var errno syscall.Errno
	switch {
	case u.current.ctx.Err() != nil:
		return
	case errors.As(err, &errno):
		u.last = &heal.Exit{Errno: procs.ErrnoName(errno)}
	default:
		u.last = &heal.Exit{Unknown: true}
	}
	u.facts.Exited(u.agent.Name, u.run, *u.last, false)
}

// wanted is the event of a request: a stop drains first where the policy says how, unless it
// comes with a signal of its own.
func (u *unit) wanted(r request) event {
	if r.want == wantStop && r.signal == 0 && u.base.Stop.Drain != "" {
		return wantDrain
	}
	return r.want
}

// drain asks the leader alone: how its work is brought to an end is its own affair.
func (u *unit) drain() {
	_ = u.thaw()
	_ = u.process.SignalLeader(kernel.SignalByName(u.base.Stop.Drain))
	u.grace.Reset(u.base.Stop.DrainFor)
}

// terminate begins the stop ladder. A frozen tree must run to act on a signal, but for the
// one that asks nothing of it. What is cut off the network stays so until it has ended.
func (u *unit) terminate() {
	sig := u.current.signal
	if sig == 0 {
		sig = kernel.SignalByName(u.agent.Stop.Signal)
	}
	u.frozen, u.slowed = "", false
	_ = u.process.Lift()
	if sig == syscall.SIGKILL {
		_ = u.process.Kill()
	} else {
		_ = u.process.Thaw()
		_ = u.process.Signal(sig)
	}
	u.grace.Reset(u.agent.Stop.Grace)
	u.look.Reset(time.Millisecond)
}

// kill is the last rung. What was thawed too late dies all the same.
func (u *unit) kill() {
	u.killErr = u.process.Kill()
	u.grace.Reset(killFor)
	u.look.Reset(time.Millisecond)
}

// sweep ends what a leader that ended by itself has left behind. Most leave
// nothing: then the unit is down at once.
func (u *unit) sweep() {
	if u.process.Empty() {
		u.take(setEmpty)
		return
	}
	u.current = request{}
	u.terminate()
}

// report tells how the leader ended.
func (u *unit) report() {
	exit := *u.exit
	exit.Planned = u.process.Planned()
	u.killed.see(u.process.OOMKills(), time.Now())
	// The kernel may have killed a child for memory, of which the leader then died. What we have
	// ended ourselves died of that, whatever happened before.
	exit.OOM = !u.ordered && (exit.Signal != "" || exit.Code != 0) && (u.killed.recent(time.Now()) || u.killedForMemory(exit))
	exit.Sender = sender(exit, u.ordered)
	u.last = &exit
	u.facts.Exited(u.agent.Name, u.run, exit, u.ordered)
}

func (u *unit) settle() {
	u.grace.Stop()
	u.look.Stop()
	u.cage.Store(nil)
	u.process.Close()
	u.process, u.exited = nil, nil
	waiting := u.waiting
	u.waiting = nil
	for _, r := range waiting {
		u.current = r
		u.take(u.wanted(r))
	}
}

func (u *unit) answer(err error) {
	for _, r := range u.waiting {
		r.reply <- err
	}
	u.waiting = nil
}

// freeze holds the tree where it is.
func (u *unit) freeze() (string, error) {
	if u.state != running {
		return "", fmt.Errorf("cannot freeze %s: it is %s", u.agent.Name, u.state)
	}
	how, err := u.process.Freeze()
	if err != nil {
		return "", err
	}
	if u.base.Isolate.Network {
		if cut, err := u.process.Cut(); err == nil {
			how += "; " + cut
		} else { // held all the same
			how += "; " + err.Error()
		}
	}
	u.frozen = how
	return how, nil
}

// thaw lets the tree go on, with the network that it had.
func (u *unit) thaw() error {
	if u.process == nil {
		return nil
	}
	u.frozen = ""
	return errors.Join(u.process.Reconnect(), u.process.Thaw())
}
