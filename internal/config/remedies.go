package config

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"healer-sidecar/internal/heal"
)

// Remedies are what an agent declares for remedies to act on.
type Remedies struct {
	// Degrades are the steps down, mildest first; each adds to those before it.
	Degrades     []Degrade
	Alternatives []Alternative
	Tunables     []Tunable
	Compensates  []Compensate
	Snapshots    []Snapshot
	Hooks        []Hook
	// Nudges are inputs for a living agent.
	Nudges []Nudge
	// Resume is how the agent goes on where it was; nil for one that cannot.
	Resume *Overlay
}

// Nudge is an input for a living agent instead of a new start. Exactly one of its ways is set.
type Nudge struct {
	Name string
	// On are the situations of its session in which it is used.
	On []string
	// Keys are typed at its terminal, Signal goes to its first process, Command is run, and URL gets a POST.
	Keys, Signal, URL string
	Command           []string
	Timeout           time.Duration
}

// Overlay is what is different in how an agent is started.
type Overlay struct {
	Env map[string]string
	// Args are added to the command; Command replaces it.
	Args, Command []string
	Limits        Limits
}

// Degrade is one step down.
type Degrade struct {
	Name string
	Overlay
	// Signal tells a running agent to look at its mode; empty for one that is restarted.
	Signal string
}

// Alternative is another way to do the same.
type Alternative struct {
	Name string
	Overlay
	// Primary is the dependency that must answer before the way back is taken; empty for
	// none.
	Primary string
}

// Tunable is a number that decides how much an agent uses.
type Tunable struct {
	Name string
	// Value is where it stands, Min how low it may be set.
	Value, Min float64
	// Argument is the flag of the command that carries it, File the file that holds it;
	// without either it is the variable of its name.
	Argument, File string
	// Signal, Command and URL put it in force in a running agent; without any of them the
	// agent is restarted.
	Signal  string
	Command []string
	URL     string
	Timeout time.Duration
}

// Live reports that it can be changed while the agent runs.
func (t Tunable) Live() bool { return t.Signal != "" || len(t.Command) > 0 || t.URL != "" }

// At is its value after so many steps, each leaving the factor.
func (t Tunable) At(steps int, factor float64) float64 {
	v := t.Value
	for range steps {
		v = max(v*factor, t.Min)
	}
	if t.Value == float64(int64(t.Value)) {
		return max(float64(int64(v)), t.Min)
	}
	return v
}

// Text is a value as it is handed to the agent.
func (t Tunable) Text(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// steps is how many steps down make a difference.
func (t Tunable) steps(factor float64) (n int) {
	for n < mostSteps && t.At(n+1, factor) < t.At(n, factor) {
		n++
	}
	return n
}

// mostSteps bounds the steps of a tunable.
const mostSteps = 20

// Compensate undoes a side effect of a dead run. Exactly one of its ways is set.
type Compensate struct {
	Name string
	// Command may be run any number of times.
	Command []string
	// Lock is a file that is removed when the process whose number it holds is gone.
	Lock string
	// Aside is a file or folder that is moved into To.
	Aside string
	// Port must be free before the agent is run again.
	Port string
	// Input is a folder of work items; one that was named last before Deaths deaths of the
	// same failure is moved into To.
	Input  string
	To     string
	Deaths int
	// Timeout bounds it. Types are the failures for which it is done; none for all.
	Timeout time.Duration
	Types   []heal.ErrorType
}

// For reports whether it is done for a type of failure.
func (c Compensate) For(t heal.ErrorType) bool {
	return len(c.Types) == 0 || slices.Contains(c.Types, t)
}

// Snapshot are paths of which good generations are kept.
type Snapshot struct {
	Name  string
	Paths []string
	// Keep is how many generations, MaxSize in bytes and MaxFiles bound each of them.
	Keep     int
	MaxSize  uint64
	MaxFiles int
	// After is how long an agent must have been healthy before one is taken, Every how
	// often one is at most.
	After, Every time.Duration
}

// Hook is a command at a point of an agent's life.
type Hook struct {
	// At is pre_start, post_start, pre_stop or post_stop.
	At      string
	Command []string
	Timeout time.Duration
}

// Overlays is what remedies have put on an agent: steps down, an alternative, steps of its
// tunables.
type Overlays struct {
	Degrade     int
	Alternative string
	Tune        int
	// Factor is the share that each step of a tunable leaves.
	Factor float64
	// Resume says that it goes on where it was.
	Resume bool
}

// Mode is the name of the step down that is in force; normal for none.
func (a Agent) Mode(d Overlays) string {
	if d.Degrade <= 0 || len(a.Degrades) == 0 {
		return NormalMode
	}
	return a.Degrades[min(d.Degrade, len(a.Degrades))-1].Name
}

// NormalMode is the mode of an agent with nothing put on.
const NormalMode = "normal"

// Dressed is the agent as it is started with what remedies have put on.
func (a Agent) Dressed(d Overlays) Agent {
	a.Env = maps.Clone(a.Env)
	if a.Env == nil {
		a.Env = map[string]string{}
	}
	a.Command = slices.Clone(a.Command)
	if len(a.Degrades) > 0 {
		a.Env["HEALER_MODE"] = a.Mode(d)
	}
	resumes := d.Resume && a.Resume != nil
	if resumes && len(a.Resume.Command) > 0 {
		a.Command = slices.Clone(a.Resume.Command)
	}
	for _, t := range a.Tunables {
		a.tune(t, t.Text(t.At(d.Tune, d.Factor)), d.Tune > 0)
	}
	for _, alt := range a.Alternatives {
		if alt.Name == d.Alternative {
			a.apply(alt.Overlay)
		}
	}
	for _, step := range a.Degrades[:min(d.Degrade, len(a.Degrades))] {
		a.apply(step.Overlay)
	}
	if resumes {
		a.apply(Overlay{Env: a.Resume.Env, Args: a.Resume.Args})
	}
	return a
}

// tune puts a value where the agent reads it at its start.
func (a *Agent) tune(t Tunable, value string, changed bool) {
	switch {
	case !changed || t.File != "":
	case t.Argument != "":
		if i := slices.Index(a.Command, t.Argument); i >= 0 && i+1 < len(a.Command) {
			a.Command[i+1] = value
		}
	default:
		a.Env[t.Name] = value
	}
}

func (a *Agent) apply(o Overlay) {
	maps.Copy(a.Env, o.Env)
	if len(o.Command) > 0 {
		a.Command = slices.Clone(o.Command)
	}
	a.Command = append(a.Command, o.Args...)
	if o.Limits.Memory > 0 {
		a.Limits.Memory = o.Limits.Memory
	}
	if o.Limits.CPU > 0 {
		a.Limits.CPU = o.Limits.CPU
	}
	if o.Limits.PIDs > 0 {
		a.Limits.PIDs = o.Limits.PIDs
	}
	if o.Limits.IO > 0 {
		a.Limits.IO = o.Limits.IO
	}
}

// declare tells the engine what there is to act on.
func (a *Agent) declare() {
	p := &a.Heal
	p.Resumes, p.Nudges = a.Resume != nil, nil
	for _, n := range a.Nudges {
		p.Nudges = append(p.Nudges, heal.Nudge{Name: n.Name, On: n.On})
	}
	p.Steps = map[heal.Strategy]int{heal.DegradeGracefully: len(a.Degrades), heal.Reconfigure: 0}
	for _, t := range a.Tunables {
		p.Steps[heal.Reconfigure] = max(p.Steps[heal.Reconfigure], t.steps(p.Throttle))
	}
	for _, alt := range a.Alternatives {
		p.Alternatives = append(p.Alternatives, heal.Way{Name: alt.Name, Primary: alt.Primary})
	}
	p.Declared = map[heal.Strategy]bool{
		heal.DegradeGracefully: len(a.Degrades) > 0, heal.AlternativePath: len(a.Alternatives) > 0, heal.Reconfigure: len(a.Tunables) > 0,
		heal.Compensate: len(a.Compensates) > 0, heal.Rollback: len(a.Snapshots) > 0,
	}
	for _, s := range a.Snapshots {
		if p.SnapshotAfter == 0 || s.After < p.SnapshotAfter {
			p.SnapshotAfter = s.After
		}
		if p.SnapshotEvery == 0 || s.Every < p.SnapshotEvery {
			p.SnapshotEvery = s.Every
		}
	}
}
