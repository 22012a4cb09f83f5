package session

import (
	"fmt"
	"time"

	"healer-sidecar/internal/classify/wait"
	"healer-sidecar/internal/heal"
)

// Limits are the shortest times after which something takes too long.
type Limits struct {
	// Model is for an answer of the model, Tool for a tool, Person for a question to a person.
	Model, Tool, Person time.Duration
}

// DefaultLimits leave room for a model that thinks and for builds and tests that take long.
var DefaultLimits = Limits{Model: 10 * time.Minute, Tool: time.Hour, Person: time.Minute}

// compactions in a row without a complete turn between them lead nowhere.
const compactions = 3

// Facts are what else is known about the agent.
type Facts struct {
	Now time.Time
	// Works says that its processes compute, or that a child is busy: then a tool is no hang.
	Works bool
	// Over says that the run has ended, or that nobody writes the transcript any more.
	Over bool
}

// Finding is one thing that is wrong.
type Finding struct {
	Situation Situation
	Vote      heal.Vote
}

// Judge says what is wrong with the session. A session that is not understood has nothing wrong.
func (s *Session) Judge(f Facts, l Limits) []Finding {
	if s.State() == NotUnderstood {
		return nil
	}
	var all []Finding
	add := func(found Finding, ok bool) {
		if ok {
			all = append(all, found)
		}
	}
	add(s.errored(f.Now))
	add(s.refused())
	add(s.full())
	add(s.loops())
	add(s.asks(f, l))
	add(s.stalled(f, l))
	add(s.sleeps(f))
	add(s.cut(f))
	return all
}

func finding(w Situation, t heal.ErrorType, weight float64, why string) Finding {
	return Finding{w, heal.Vote{Type: t, Weight: weight, Why: "session: " + why}}
}

// errored tells of the error that ended the latest turn.
func (s *Session) errored(now time.Time) (Finding, bool) {
	if s.failure.Kind == "" {
		return Finding{}, false
	}
	c := CauseOf(s.failure)
	what := orText(s.failure.Text, s.failure.Status)
	f := finding(c.Situation, c.Type, 0.95, "the turn ended with an error: "+what)
	f.Vote.Cause = c.Cause
	f.Vote.Wait = s.wait(now)
	if c.Situation == SituationLimited && f.Vote.Wait == 0 && !s.resetOf().IsZero() {
		return Finding{}, false // the limit is over
	}
	return f, true
}

// wait is how long the error asks to wait from now on.
func (s *Session) wait(now time.Time) time.Duration {
	until := s.resetOf()
	if until.IsZero() {
		return 0
	}
	return max(until.Sub(now), 0)
}

// resetOf is when the error says that it is over; zero when it does not.
func (s *Session) resetOf() time.Time {
	if !s.limit.IsZero() {
		return s.limit
	}
	if d, ok := wait.Reset(s.failure.Text, s.failure.At); ok {
		return s.failure.At.Add(d)
	}
	return time.Time{}
}

func (s *Session) refused() (Finding, bool) {
	return finding(SituationRefusal, heal.SafetyViolation, 0.8, "the model refuses: "+s.refusal), s.refusal != ""
}

func (s *Session) full() (Finding, bool) {
	f := finding(SituationContext, heal.ResourceExhaustion, 0.85,
		fmt.Sprintf("the context was compacted %d times in a row, and no turn was completed", s.compacted))
	f.Vote.Cause = heal.Context
	return f, s.compacted >= compactions
}

func (s *Session) loops() (Finding, bool) {
	why := fmt.Sprintf("tools lead nowhere (%s): %s again and again", s.loop, s.loopTool)
	return finding(SituationLoop, heal.LearningFailure, 0.85, why), s.loop != "" && !s.turn.IsZero()
}

func (s *Session) asks(f Facts, l Limits) (Finding, bool) {
	found := finding(SituationPerson, heal.ConfigurationError, 1, "it waits for a person: "+s.question)
	found.Vote.Cause = heal.Asking
	return found, s.state == WaitingForPerson && f.Now.Sub(s.since) >= l.Person && !f.Over
}

// stalled tells of a turn that is open and silent for longer than this agent ever was.
func (s *Session) stalled(f Facts, l Limits) (Finding, bool) {
	if f.Over {
		return Finding{}, false
	}
	for_ := f.Now.Sub(s.since).Round(time.Second)
	switch s.state {
	case WaitingForModel:
		limit := s.usual.limit(modelStage, l.Model)
		why := fmt.Sprintf("the turn is stalled: the model has not answered for %s, it took %s at most before", for_, s.usual.stages[modelStage].longest.Round(time.Second))
		found := finding(SituationStalled, heal.CommunicationError, 0.85, why)
		found.Vote.Cause = heal.Outage
		return found, for_ >= limit
	case RunningTool:
		c := s.calls[0]
		for_ = f.Now.Sub(c.at).Round(time.Second)
		limit := s.usual.limit(c.tool, l.Tool)
		why := fmt.Sprintf("the turn is stalled: tool %s has been running for %s, and its processes do nothing", c.tool, for_)
		return finding(SituationStalled, heal.ExecutionFailure, 0.85, why), for_ >= limit && !f.Works
	}
	return Finding{}, false
}

// late is how much later than planned an agent may wake up.
const late = 2 * time.Minute

func (s *Session) sleeps(f Facts) (Finding, bool) {
	if reset := s.resetOf(); s.state == Limited && !reset.IsZero() && f.Now.Sub(reset) >= late && !f.Over {
		why := fmt.Sprintf("its limit was over at %s, and it has not gone on", reset.Format(time.RFC3339))
		return finding(SituationAsleep, heal.ExecutionFailure, 0.8, why), true
	}
	due := !s.wake.IsZero() && f.Now.Sub(s.wake) >= late && (s.state == Idle || s.state == RunningTool)
	why := fmt.Sprintf("it sleeps, and work was due at %s", s.wake.Format(time.RFC3339))
	return finding(SituationAsleep, heal.ExecutionFailure, 0.8, why), due && !f.Over
}

// cut tells of a run that ended inside a turn.
func (s *Session) cut(f Facts) (Finding, bool) {
	if !f.Over || s.turn.IsZero() {
		return Finding{}, false
	}
	why := "the run ended inside a turn, while the model was asked"
	if len(s.calls) > 0 {
		why = fmt.Sprintf("the run ended inside a turn, while tool %s was running", s.calls[0].tool)
	}
	return finding(SituationUnfinished, heal.ExecutionFailure, 0.6, why), true
}
