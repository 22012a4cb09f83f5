package detect

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"

	"healer-sidecar/internal/classify/redact"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/detect/forecast"
	"healer-sidecar/internal/detect/probe"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

// Probe asks the agent from outside whether it is well.
type Probe struct {
	Name     string
	Target   config.Target
	Schedule config.Schedule
	// Readiness says that it only tells when the agent may be used.
	Readiness bool
}

// usualProbe is asked every five seconds; three failures in a row are one.
var usualProbe = config.Schedule{Every: 5 * time.Second, Timeout: 2 * time.Second, Failures: 3, Of: 3, Startup: 30 * time.Second}

// probes returns the decoder of a kind whose own attributes are read by read.
func probes(read func(*config.Fields, config.Agent, *config.Target), own ...string) func(config.Block, config.Agent, *Spec) hcl.Diagnostics {
	return func(b config.Block, a config.Agent, s *Spec) hcl.Diagnostics {
		f := config.Open(b.Body, config.ProbeFields(append(own, "role")...))
		p := Probe{Name: b.Title(), Schedule: usualProbe}
		read(f, a, &p.Target)
		f.ReadSchedule(&p.Schedule)
		role := "liveness"
		f.Choice("role", []string{"liveness", "readiness"}, &role)
		p.Readiness = role == "readiness"
		if !f.Has(own[0]) && !f.Diags.HasErrors() {
			f.Diags = append(f.Diags, config.Problem(b.Range, fmt.Sprintf("%s has nothing to ask", b.Kind), "add "+own[0]))
		}
		s.Probes = append(s.Probes, p)
		return f.Diags
	}
}

func readHTTP(f *config.Fields, _ config.Agent, t *config.Target) { f.URL("url", &t.HTTP) }

func readTCP(f *config.Fields, _ config.Agent, t *config.Target) { f.Address("address", &t.TCP) }

func readGRPC(f *config.Fields, _ config.Agent, t *config.Target) {
	f.Address("address", &t.GRPC)
	f.Text("service", &t.Service)
}

func readExec(f *config.Fields, a config.Agent, t *config.Target) {
	f.Texts("command", &t.Command)
	t.Dir = a.Dir
}

// answer is what one probe found out about one run.
type answer struct {
	asked Probe
	run   int
	probe.Verdict
}

// ask begins to probe a run.
func (a *Agent) ask() {
	a.stopAsking()
	ctx, cancel := context.WithCancel(context.Background())
	a.stopAsking = cancel
	run := a.run
	for _, m := range a.spec.Meters {
		go m.measure(ctx, a.tools, func(v *float64) {
			select {
			case a.metered <- metered{m.Name, run, v}:
			case <-ctx.Done():
			case <-a.done:
			}
		})
	}
	for _, p := range a.spec.Probes {
		a.pending(p)
		go probe.Run(ctx, p.Target, p.Schedule, a.tools, func(v probe.Verdict) {
			select {
			case a.answers <- answer{p, run, v}:
			case <-ctx.Done():
			case <-a.done:
			}
		})
	}
}

// pending says that nothing is known of a probe yet: before it was well once, nobody
// may call a remedy a success.
func (a *Agent) pending(p Probe) {
	if p.Readiness {
		return
	}
	a.probed[p.Name] = heal.StateUnknown
	delete(a.excused, p.Name)
	a.sink.Signal(heal.Signal{
		Agent: a.spec.Agent, Run: a.run, Detector: p.Name, State: heal.StateUnknown, Witness: heal.WitnessProbe, Text: "not answered well yet",
	})
}

// answered takes an answer into account; only a change is told.
func (a *Agent) answered(n answer) {
	if !a.running || n.run != a.run {
		return
	}
	if n.Well {
		a.proved = time.Now()
		a.unresolved.Proven(a.proved)
		a.pace(n)
	}
	if n.asked.Readiness {
		a.readiness(n)
		return
	}
	state := heal.Cleared
	switch {
	case n.Unknown:
		state = heal.StateUnknown
	case n.Failed:
		state = heal.Raised
	case !n.Well: // not often enough to be a failure: what was known stands
		a.notYet(n)
		return
	}
	before := a.probed[n.asked.Name]
	if a.probed[n.asked.Name] = state; before == state {
		return
	}
	s := heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: n.asked.Name, State: state, Witness: heal.WitnessProbe, Text: redact.Kept([]byte(n.Why), textWidth), Probe: n.asked.id()}
	if state == heal.Raised {
		s.Vote = &heal.Vote{Type: heal.ExecutionFailure, Weight: 0.75, Why: n.asked.Name + ": " + s.Text}
		s.Lines, s.Output = a.textEvidence(nil)
	}
	a.sink.Signal(s)
}

// notYet tells why a probe that has not been answered well in this run was not, once.
func (a *Agent) notYet(n answer) {
	if a.probed[n.asked.Name] != heal.StateUnknown || a.excused[n.asked.Name] {
		return
	}
	a.excused[n.asked.Name] = true
	a.sink.Signal(heal.Signal{
		Agent: a.spec.Agent, Run: a.run, Detector: n.asked.Name, State: heal.StateUnknown, Witness: heal.WitnessProbe,
		Text: "not answered well yet: " + redact.Kept([]byte(n.Why), textWidth), Probe: n.asked.id(),
	})
}

// id tells one probe from another, whatever its name.
func (p Probe) id() string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %+v", p.Name, p.Target)
	return strconv.FormatUint(h.Sum64(), 36)
}

// readiness takes an answer about use into account: once it was given, it takes as many
// bad answers to take it back as to make a failure.
func (a *Agent) readiness(n answer) {
	was := a.waitsForProbe()
	switch {
	case n.Well:
		a.usable[n.asked.Name] = true
	case n.Failed:
		a.usable[n.asked.Name] = false
	}
	if now := a.waitsForProbe(); now && !was {
		a.sink.Ready(a.spec.Agent, a.run, false)
		a.ready.Reset(readyEvery)
	}
}

// pace notes how long an answer took. That answers get slower is told to people; it is no
// failure.
func (a *Agent) pace(n answer) {
	p := a.paces[n.asked.Name]
	if p == nil {
		p = &forecast.Degradation{}
		a.paces[n.asked.Name] = p
	}
	alarm, changed := p.Add(kernel.SinceBoot(), n.Took.Seconds())
	if !changed {
		return
	}
	s := heal.Signal{Agent: a.spec.Agent, Run: a.run, Detector: n.asked.Name + " pace", State: heal.Cleared, Witness: heal.WitnessForecast}
	if alarm {
		s.State = heal.Raised
		s.Text = fmt.Sprintf("answers get slower: %s now, %.3gs usually", n.Took.Round(time.Millisecond), p.Usual())
	}
	a.sink.Signal(s)
}

// waitsForProbe reports that a probe of readiness was not answered well yet.
func (a *Agent) waitsForProbe() bool {
	for _, p := range a.spec.Probes {
		if p.Readiness && !a.usable[p.Name] {
			return true
		}
	}
	return false
}
