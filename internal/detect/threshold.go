package detect

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

const (
	// clearShare of the limit is where a raised threshold clears again, so that a
	// value that hovers around the limit does not flap.
	clearShare = 0.9
	// blindAfter looks without a reading make the state unknown.
	blindAfter = 3
	// nearShare of a declared memory limit raises by default, for nearFor.
	nearShare = 0.9
	nearFor   = 5 * time.Second
)

// Threshold raises when a reading stays above a limit.
type Threshold struct {
	Name     string
	Resource heal.Resource
	Above    float64
	For      time.Duration
	// Path is the disk's.
	Path string
}

func nearLimit(memory uint64) Threshold {
	return Threshold{Name: "memory", Resource: heal.Memory, Above: nearShare * float64(memory), For: nearFor}
}

const (
	// zombieShare of the processes that an agent may have, and at most manyZombies, are
	// ended children that it forgot: it will not be able to start any more. They must have
	// been there for zombiesFor.
	zombieShare, manyZombies = 0.25, 1000
	zombiesFor               = 10 * time.Second
)

// forgotten watches the ended children that an agent does not wait for.
func forgotten(pids int64) Threshold {
	most := float64(sampling.MostProcesses())
	if pids > 0 {
		most = min(most, float64(pids))
	}
	return Threshold{Name: "zombies", Resource: heal.Zombies, Above: max(min(zombieShare*most, manyZombies), 1), For: zombiesFor}
}

// threshold returns the decoder of a resource's kind.
func threshold(r heal.Resource) func(config.Block, config.Agent, *Spec) hcl.Diagnostics {
	return func(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
		attrs := []string{"above", "for"}
		if onDisk(r) {
			attrs = append(attrs, "path")
		}
		f := config.Open(b.Body, attrs)
		t := Threshold{Name: b.Title(), Resource: r}
		readAbove(f, r, &t.Above)
		f.Duration("for", 0, &t.For)
		if onDisk(r) {
			t.Path = "."
			f.Text("path", &t.Path)
			t.Path = config.Under(a.Dir, t.Path)
		}
		if !f.Has("above") {
			f.Diags = append(f.Diags, config.Problem(b.Range, fmt.Sprintf("detect %q has no limit", b.Kind), `add above = "...", as in above = "80%"`))
		}
		s.Thresholds = append(s.Thresholds, t)
		return f.Diags
	}
}

// onDisk reports that the resource belongs to a file system.
func onDisk(r heal.Resource) bool { return r == heal.Disk || r == heal.Inodes }

func readAbove(f *config.Fields, r heal.Resource, into *float64) {
	switch r {
	case heal.Memory, heal.PSS:
		var size uint64
		f.Size("above", &size)
		*into = float64(size)
	case heal.CPU, heal.Disk, heal.Inodes:
		f.Percent("above", into)
	default:
		f.Number("above", 1, 1<<30, into)
	}
}

// thresholdState is the state of one threshold over time. It belongs to its agent.
type thresholdState struct {
	Threshold
	since  time.Duration
	over   bool
	raised bool
	misses int
	blind  bool
}

func newThresholdState(t Threshold) *thresholdState { return &thresholdState{Threshold: t} }

// judge takes one reading, nil for none, and reports whether the state changed.
func (g *thresholdState) judge(at time.Duration, value *float64) (heal.SignalState, bool) {
	if value == nil {
		g.misses++
		if g.misses < blindAfter || g.blind {
			return "", false
		}
		g.blind = true
		return heal.StateUnknown, true
	}
	wasBlind := g.blind
	g.misses, g.blind = 0, false
	limit := g.Above
	if g.raised {
		limit *= clearShare
	}
	if *value <= limit {
		changed := g.raised || wasBlind
		g.over, g.raised = false, false
		return heal.Cleared, changed
	}
	if !g.over {
		g.over, g.since = true, at
	}
	if g.raised || at-g.since < g.For {
		return heal.Cleared, wasBlind && !g.raised
	}
	g.raised = true
	return heal.Raised, true
}

// reset forgets what was seen of an earlier run.
func (g *thresholdState) reset() { *g = *newThresholdState(g.Threshold) }

// reading picks the value of the threshold's resource from a snapshot.
func (t Threshold) reading(agent string, s sampling.Snapshot) *float64 {
	disks := s.Disks
	if t.Resource == heal.Inodes {
		disks = s.Inodes
	}
	if onDisk(t.Resource) {
		if v, ok := disks[t.Path]; ok {
			return &v
		}
		return nil
	}
	u := s.Usage[agent]
	switch t.Resource {
	case heal.PSS:
		return u.PSS
	case heal.Processes:
		return value(float64(u.Processes + u.Zombies))
	case heal.Zombies:
		return value(float64(u.Zombies))
	case heal.Connections:
		return u.Connections
	case heal.Memory:
		return u.Memory
	case heal.CPU:
		return u.CPU
	case heal.FDs:
		return u.FDs
	}
	return u.Threads
}
