package drill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/kernel"
)

// Sidecar is the running one.
type Sidecar interface {
	Status(context.Context) (heal.SidecarStatus, error)
	Events(ctx context.Context, after uint64, follow bool, each func(heal.Event) bool) error
}

// Report is what came of one fault. Times are since the fault was put in.
type Report struct {
	Fault  string `json:"fault"`
	Agent  string `json:"agent"`
	Result Result `json:"result"`
	Why    string `json:"why,omitempty"`

	Incident  string         `json:"incident,omitempty"`
	Type      heal.ErrorType `json:"type,omitempty"`
	Strategy  heal.Strategy  `json:"strategy,omitempty"`
	Detected  time.Duration  `json:"detected,omitempty"`
	Diagnosed time.Duration  `json:"diagnosed,omitempty"`
	Acted     time.Duration  `json:"acted,omitempty"`
	Healed    time.Duration  `json:"healed,omitempty"`
	// TakenBack says that the fault had to be taken back before the agent got well.
	TakenBack bool `json:"taken_back,omitempty"`
}

// Result is the verdict on one fault.
type Result string

// The verdicts.
const (
	Pass Result = "pass"
	Fail Result = "fail"
	Skip Result = "skip"
)

// harmlessFor is how long nothing must follow a fault that should do no harm.
const harmlessFor = 6 * time.Second

// Run puts a fault in, watches what the sidecar makes of it within a time, and takes it back.
func Run(ctx context.Context, s Sidecar, f Fault, t Target, within time.Duration) Report {
	r := Report{Fault: f.Name, Agent: t.Agent, Result: Fail}
	last, err := latest(ctx, s)
	if err != nil {
		r.Why = err.Error()
		return r
	}
	begun := kernel.SinceBoot()
	undo, err := f.Inject(ctx, t)
	if err != nil {
		if r.Why = err.Error(); errors.Is(err, ErrUnfit) {
			r.Result = Skip
		}
		return r
	}
	defer undo()
	if f.Harmless {
		within = harmlessFor
	}
	watch, stop := context.WithTimeout(ctx, within)
	defer stop()
	// A fault that lasts may keep every remedy from helping: in the second half it is gone.
	half := time.AfterFunc(within/2, func() { undo() })
	defer half.Stop()
	err = s.Events(watch, last, true, func(e heal.Event) bool { return e.Agent != t.Agent || r.note(e, begun) })
	if err != nil && watch.Err() == nil {
		r.Why = err.Error()
		return r
	}
	r.TakenBack = r.Healed > within/2 && !f.Harmless
	r.judge(ctx, s, f, within)
	return r
}

// latest is the number of the last event.
func latest(ctx context.Context, s Sidecar) (last uint64, err error) {
	err = s.Events(ctx, 0, false, func(e heal.Event) bool { last = e.Seq; return true })
	return last, err
}

// note takes an event of the agent in; false when the story is over.
func (r *Report) note(e heal.Event, begun time.Duration) bool {
	at := e.At.Mono - begun
	switch {
	case r.Detected == 0 && (e.Kind == heal.EventSignal && e.Signal.State == heal.Raised || e.Kind == heal.EventExited):
		r.Detected = at
	case e.Kind == heal.EventDiagnosed && r.Diagnosed == 0:
		r.Diagnosed, r.Type, r.Incident = at, e.Diag.Type, e.Incident
	case e.Kind == heal.EventAttempt && e.Attempt.Strategy != "" && !e.Attempt.Undo && e.Incident == r.Incident && r.Incident != "":
		r.Strategy = e.Attempt.Strategy
		if r.Acted == 0 {
			r.Acted = at
		}
	case e.Kind == heal.EventClosed && e.Incident == r.Incident && r.Incident != "":
		r.Healed = at
		if e.Outcome != heal.Recovered {
			r.Why = fmt.Sprintf("the incident ended as %s: %s", e.Outcome, e.Note)
		}
		return false
	}
	return true
}

// judge says whether the fault was met.
func (r *Report) judge(ctx context.Context, s Sidecar, f Fault, within time.Duration) {
	status, err := s.Status(ctx)
	running := false
	for _, a := range status.Agents {
		running = running || a.Agent == r.Agent && a.Running
	}
	switch {
	case err != nil:
		r.Why = err.Error()
	case f.Harmless && (r.Incident != "" || !running):
		r.Why = "it should have done no harm"
	case f.Harmless:
		r.Result = Pass
	case r.Detected == 0:
		r.Why = fmt.Sprintf("nothing of it was seen within %s: no detector of the policy looks at this", within)
	case r.Healed == 0:
		r.Why = fmt.Sprintf("it was seen, and not over within %s", within)
	case r.Why == "" && !running:
		r.Why = "the agent is down"
	case r.Why == "":
		r.Result = Pass
	}
}
