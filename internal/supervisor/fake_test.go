package supervisor

import (
	"context"
	"sync"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/procfs"
)

// stage is a host without a kernel: its processes do what a test says.
type stage struct {
	mu   sync.Mutex // guards everything below
	runs []*actor
	// deaf processes ignore TERM, undying ones KILL too.
	deaf, undying bool
	// slow ones take forever to bring their work to an end.
	slow bool
	// refused is why nothing can be prepared; nil when it can.
	refused   error
	discarded int
	prepared  int
	facts     []string
	exits     []heal.Exit
}

func (s *stage) Prepare(config.Agent) (PreparedRun, error) {
	if s.refused != nil {
		return nil, s.refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepared++
	return &fakeBerth{s}, nil
}

// prepares is how many berths were made.
func (s *stage) prepares() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prepared
}

func (s *stage) Reopen(config.Agent, *heal.RunFact) (Process, heal.Found) { return nil, heal.Found{} }

func (s *stage) Tell(string, string) error { return nil }

func (s *stage) Started(_ string, run heal.RunFact) { s.tell("started", run.Run) }

func (s *stage) Exited(_ string, run int, e heal.Exit, ordered bool) {
	s.mu.Lock()
	s.exits = append(s.exits, e)
	s.mu.Unlock()
	s.tell(map[bool]string{true: "ended as ordered", false: "ended"}[ordered], run)
}

func (s *stage) Succeeded(string, heal.Member) {}

func (s *stage) Left(string, []heal.Member) {}

func (s *stage) tell(what string, run int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts = append(s.facts, what+" "+string(rune('0'+run)))
}

func (s *stage) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.facts...)
}

// turn makes the processes deaf to TERM, and to KILL.
func (s *stage) turn(deaf, undying bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf, s.undying = deaf, undying
}

// count is how many runs there have been.
func (s *stage) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.runs)
}

func (s *stage) last() *actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[len(s.runs)-1]
}

// alive counts the runs of which something is left.
func (s *stage) alive() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, a := range s.runs {
		if a.leader || a.others > 0 {
			n++
		}
	}
	return n
}

type fakeBerth struct{ stage *stage }

func (b *fakeBerth) Start(ctx context.Context, run int) (Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := b.stage
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &actor{stage: s, run: run, leader: true, exited: make(chan heal.Exit, 1)}
	s.runs = append(s.runs, a)
	return a, nil
}

func (b *fakeBerth) Discard() {
	b.stage.mu.Lock()
	defer b.stage.mu.Unlock()
	b.stage.discarded++
}

// actor is one run: a leader and some others that descend from it.
type actor struct {
	stage  *stage
	run    int
	leader bool
	others int
	exited chan heal.Exit
	closed bool
	// heir says that the leader hands over when it ends well.
	heir bool
	// killed counts what the kernel killed for memory.
	killed int
}

// end is the leader's end by itself; what descends from it stays.
func (a *actor) end(e heal.Exit, left int) {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	a.finish(e)
	a.others = left
}

func (a *actor) finish(e heal.Exit) {
	if a.leader {
		a.leader = false
		a.exited <- e
	}
}

func (a *actor) Signal(sig syscall.Signal) error {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	if a.stage.deaf {
		return nil
	}
	a.finish(heal.Exit{Signal: "SIGTERM"})
	a.others = 0
	return nil
}

// SignalLeader asks it to drain: with one that is slow nothing happens yet.
func (a *actor) SignalLeader(syscall.Signal) error {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	if !a.stage.slow {
		a.finish(heal.Exit{})
	}
	return nil
}

func (a *actor) SignalGroup(sig syscall.Signal) error { return a.Signal(sig) }

func (a *actor) Kill() error {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	if !a.stage.undying {
		a.finish(heal.Exit{Signal: "SIGKILL"})
		a.others = 0
	}
	return nil
}

func (a *actor) Empty() bool {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	return !a.leader && a.others == 0
}

func (a *actor) Glance()                             {}
func (a *actor) Populated() bool                     { return false }
func (a *actor) Foreign() bool                       { return false }
func (a *actor) Planned() bool                       { return false }
func (a *actor) Describe() []heal.Member             { return nil }
func (a *actor) Leave()                              {}
func (a *actor) Close()                              { a.closed = true }
func (a *actor) Fact() heal.RunFact                  { return heal.RunFact{Run: a.run, PID: 100 + a.run} }
func (a *actor) Exited() <-chan heal.Exit            { return a.exited }
func (a *actor) PIDs() []int                         { return nil }
func (a *actor) Cage() *cgroup.Group                 { return nil }
func (a *actor) Members() []procfs.Identity          { return nil }
func (a *actor) Freeze() (string, error)             { return "frozen", nil }
func (a *actor) Held() string                        { return "" }
func (a *actor) Cut() (string, error)                { return "cut off", nil }
func (a *actor) Reconnect() error                    { return nil }
func (a *actor) Thaw() error                         { return nil }
func (a *actor) Continue() ([]string, error)         { return nil, nil }
func (a *actor) Limit(cgroup.Limits) (string, error) { return "limited", nil }
func (a *actor) Slow(float64) (string, error)        { return "slowed", nil }
func (a *actor) Lift() error                         { return nil }
func (a *actor) InForce() []string                   { return nil }
func (a *actor) OOMKills() int                       { return a.loseTo(0) }

// loseTo has the kernel kill n more of its processes for memory, and says how many that are.
func (a *actor) loseTo(n int) int {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	a.killed += n
	return a.killed
}

// Succeed goes on with its heir, if it has one.
func (a *actor) Succeed(run int) (<-chan heal.Exit, bool) {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	if !a.heir {
		return nil, false
	}
	a.heir, a.leader, a.run, a.others, a.exited = false, true, run, 0, make(chan heal.Exit, 1)
	return a.exited, true
}
