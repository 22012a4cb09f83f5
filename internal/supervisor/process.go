package supervisor

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/cgroup"
	"healer-sidecar/internal/host/netblock"
	"healer-sidecar/internal/host/procfs"
	"healer-sidecar/internal/host/procs"
	"healer-sidecar/internal/host/sampling"
)

// limiterPrefix begins the names of the v1 cgroups that hold limits.
const limiterPrefix = "healer-"

// gentle is the nice level of a tree that is slowed down without a cgroup.
const gentle = 10

// process is a run on the real host. It belongs to its unit.
type process struct {
	*procs.Tree
	fact    heal.RunFact
	cage    *cgroup.Group
	tasks   *cgroup.RunTasks
	exited  <-chan heal.Exit
	spawner *HostSpawner
	runDir  string
	// foreign says that the leader is not our child.
	foreign  bool
	declared cgroup.Limits
	limiter  *cgroup.Limiter
	limits   string
	duty     *sampling.Duty
	target   float64
	// program is what the leader ran when it was looked at last, command what the policy starts.
	program, command string
	// cut says that the run is without network.
	cut bool
}

func newProcess(fact heal.RunFact, tree *procs.Tree, cage *cgroup.Group, tasks *cgroup.RunTasks, exited <-chan heal.Exit, s *HostSpawner, a config.Agent) *process {
	l := a.Limits
	return &process{
		Tree: tree, fact: fact, cage: cage, exited: exited, spawner: s,
		runDir:   filepath.Join(s.runsOf(a.Name), fact.ID),
		command:  procfs.Program(a.Command),
		declared: cgroup.Limits{Memory: l.Memory, CPU: l.CPU, PIDs: l.PIDs, IO: l.IO, Hard: true},
		tasks:    tasks,
		limiter:  cgroup.NewLimiter(limiterPrefix+fact.ID, tree, cage, tasks),
	}
}

func (p *process) Fact() heal.RunFact       { return p.fact }
func (p *process) Exited() <-chan heal.Exit { return p.exited }
func (p *process) Cage() *cgroup.Group      { return p.cage }
func (p *process) OOMKills() int            { return p.limiter.OOMKills() }

// planFile in its run directory is how an agent asks to be run again.
const planFile = "restart"

func (p *process) Planned() bool {
	_, err := os.Lstat(filepath.Join(p.runDir, planFile))
	return err == nil
}

// limitFromStart puts the declared limits in force.
func (p *process) limitFromStart() error {
	if p.declared.IsZero() {
		return nil
	}
	how, err := p.limiter.Apply(p.declared)
	p.limits = how
	return err
}

func (p *process) Foreign() bool { return p.foreign }

func (p *process) Describe() []heal.Member {
	members := p.Members()
	all := make([]heal.Member, 0, len(members))
	for _, id := range members {
		m := procfs.Describe(id)
		if id == p.Leader() {
			all = slices.Insert(all, 0, m)
		} else {
			all = append(all, m)
		}
	}
	return all
}

func (p *process) Signal(sig syscall.Signal) error {
	_, err := p.Tree.Signal(sig)
	return err
}

func (p *process) SignalLeader(sig syscall.Signal) error { return p.Leader().Signal(sig) }
func (p *process) SignalGroup(sig syscall.Signal) error  { return p.Leader().SignalGroup(sig) }

// Limit keeps the tighter of the declared limits and the asked ones.
func (p *process) Limit(l cgroup.Limits) (string, error) {
	if l.Memory > 0 && !cgroup.UnifiedCgroups() && p.declared.Memory == 0 {
		return "", errors.New("cannot limit memory live on cgroup v1: what the agent holds was charged elsewhere; declare limits { memory }")
	}
	how, err := p.limiter.Apply(tighter(p.declared, l))
	if err == nil {
		p.limits = how
	}
	return how, err
}

func tighter(declared, asked cgroup.Limits) cgroup.Limits {
	if declared.Memory > 0 && (asked.Memory == 0 || declared.Memory < asked.Memory) {
		asked.Memory, asked.Hard = declared.Memory, declared.Hard
	}
	if declared.CPU > 0 && (asked.CPU == 0 || declared.CPU < asked.CPU) {
		asked.CPU = declared.CPU
	}
	if declared.PIDs > 0 && (asked.PIDs == 0 || declared.PIDs < asked.PIDs) {
		asked.PIDs = declared.PIDs
	}
	if declared.IO > 0 && (asked.IO == 0 || declared.IO < asked.IO) {
		asked.IO = declared.IO
	}
	return asked
}

func (p *process) network() netblock.Network {
	return netblock.Network{Cage: p.cage, Namespace: p.fact.Namespace}
}

// Cut takes the network from the run.
func (p *process) Cut() (string, error) {
	how, err := p.spawner.Cuts.Block(p.fact.ID, p.fact.PID, p.network())
	p.cut = p.cut || err == nil
	return how, err
}

// Reconnect gives the network back.
func (p *process) Reconnect() error {
	if !p.cut {
		return nil
	}
	p.cut = false
	return p.spawner.Cuts.Unblock(p.fact.ID, p.network())
}

// Held asks the kernel: an earlier sidecar may have frozen the run and cut it off.
func (p *process) Held() string {
	how := p.Frozen()
	if p.cut = how != "" && p.spawner.Cuts.Holds(p.fact.ID, p.network()); p.cut {
		how += "; " + netblock.Blocked
	}
	return how
}

// Slow lowers the priority where that can be undone, and holds the tree by a
// measured duty cycle.
func (p *process) Slow(percent float64) (string, error) {
	if p.duty != nil {
		p.duty.Stop()
	}
	_ = p.Renice(gentle)
	// The duty cycle looks at the tree from its own goroutine, with its own eyes.
	p.duty = sampling.StartDuty(procs.NewTree(p.Leader(), p.fact.ID, p.cage, p.spawner.Reaper), percent)
	p.target = percent
	return p.duty.InForce(percent), nil
}

// Lift goes back to the declared limits.
func (p *process) Lift() error {
	if p.duty != nil {
		p.duty.Stop()
		p.duty = nil
		_ = p.Renice(0)
	}
	if p.limits == "" {
		return nil
	}
	p.limits = ""
	if p.declared.IsZero() {
		return p.limiter.Remove()
	}
	return p.limitFromStart()
}

func (p *process) InForce() []string {
	var all []string
	if p.limits != "" {
		all = append(all, p.limits)
	}
	if p.duty != nil {
		all = append(all, p.duty.InForce(p.target))
	}
	return all
}

func (p *process) Leave() {
	if p.fact.Attached { // it is left as it was found
		_ = p.Lift()
		_ = p.Thaw()
	}
	if p.duty != nil {
		p.duty.Stop()
		p.duty = nil
	}
}

func (p *process) Close() {
	p.Leave()
	p.spawner.cleaning.Go(func() {
		_ = p.Reconnect()
		_ = p.limiter.Remove()
		p.tasks.Remove()
		p.cage.Remove()
		_ = os.RemoveAll(p.runDir)
	})
}
