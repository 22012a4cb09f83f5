package session

import (
	"slices"
	"time"

	"healer-sidecar/internal/detect/steps"
)

// State says what a session waits for.
type State string

// The states of a session.
const (
	NotUnderstood    State = "not_understood"
	Idle             State = "idle"
	WaitingForModel  State = "waiting_for_model"
	RunningTool      State = "running_tool"
	WaitingForPerson State = "waiting_for_person"
	Limited          State = "limited"
	Ended            State = "ended"
)

const (
	// mostCalls bounds the calls of tools that are open at once.
	mostCalls = 64
	// leastKnown is how many records must be seen, and shareKnown which share of them must be known, for a
	// session to be understood at all.
	leastKnown, shareKnown = 20, 0.2
)

// call is a tool that runs.
type call struct {
	id, tool, input string
	at              time.Time
}

// Session is one conversation. It belongs to one goroutine.
type Session struct {
	state State
	// since is when the state began, turn when the open turn did; last when anything was recorded.
	since, turn, last time.Time
	calls             []call
	// failure is the error that ended the latest turn; its Kind is empty for none.
	failure Event
	// limit is when the limit is over; zero where nobody knows.
	limit time.Time
	// wake is when the agent wants to be woken; zero for never.
	wake time.Time
	// question is what a person is asked, refusal what was refused.
	question, refusal string
	// loop is the rule by which its tools lead nowhere; empty for none.
	loop     string
	loopTool string
	judge    steps.Judge
	stepped  time.Time
	// compacted counts how often it was shortened since the last complete turn.
	compacted int
	usual     history
	// timed says that its records carry times; known and unknown count records.
	timed          bool
	known, unknown int
	// Folder is where the session works; empty when nobody said.
	Folder string
}

// State is what the session waits for.
func (s *Session) State() State {
	switch {
	case s.state == "", s.known+s.unknown >= leastKnown && float64(s.known) < shareKnown*float64(s.known+s.unknown):
		return NotUnderstood
	}
	return s.state
}

// Last is when the latest record was written.
func (s *Session) Last() time.Time { return s.last }

// Line takes a line of the transcript. now bounds the times that it names.
func (s *Session) Line(a *Adapter, line []byte, now time.Time) {
	events, known, err := a.Read(line)
	switch {
	case err != nil:
		return // a torn line: the writer may still be at it, or was killed in it
	case !known:
		s.unknown++
		return
	}
	s.known++
	for _, e := range events {
		s.timed = s.timed || !e.At.IsZero()
		switch {
		case e.At.After(now), e.At.IsZero() && !s.timed:
			e.At = now
		case e.At.Before(s.last): // records without a time belong to the one before, and time does not run back
			e.At = s.last
		}
		s.Apply(e)
	}
}

// Apply takes an event.
func (s *Session) Apply(e Event) {
	if s.last = e.At; e.Folder != "" {
		s.Folder = e.Folder
	}
	if t, ok := transitions[e.Kind]; ok {
		t(s, e)
	}
}

// transitions is what each kind of event does. A kind that is not listed changes nothing.
var transitions = map[Kind]func(*Session, Event){
	Prompt:   (*Session).prompted,
	Progress: (*Session).progressed,
	Retrying: (*Session).progressed,
	Message:  (*Session).spoke,
	Call:     (*Session).called,
	Result:   (*Session).returned,
	TurnEnd:  (*Session).completed,
	Aborted:  func(s *Session, e Event) { s.close(Idle, e.At) },
	Failure:  (*Session).failed,
	Limit:    func(s *Session, e Event) { s.limit = e.Until },
	Refusal: func(s *Session, e Event) {
		s.close(Idle, e.At)
		s.refusal = orText(e.Text, "the request was refused")
	},
	Asking: func(s *Session, e Event) {
		s.question = orText(e.Text, orText(e.Tool, "a question"))
		s.enter(WaitingForPerson, e.At)
	},
	Answered:  func(s *Session, e Event) { s.question = ""; s.settle(e.At) },
	Compacted: func(s *Session, e Event) { s.compacted++; s.progressed(e) },
	Sleeping:  func(s *Session, e Event) { s.wake = e.Until },
	Closed:    func(s *Session, e Event) { s.close(Ended, e.At) },
}

func orText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// enter changes the state. The time spent in the one before becomes part of what is usual.
func (s *Session) enter(to State, at time.Time) {
	if s.state != to {
		s.learn(at)
		s.state, s.since = to, at
	}
}

// learn takes in how long the model took, when it was the model that was waited for.
func (s *Session) learn(at time.Time) {
	if s.state == WaitingForModel {
		s.usual.add(modelStage, at.Sub(s.since))
	}
}

// settle is what an open turn waits for: a tool, or else the model.
func (s *Session) settle(at time.Time) {
	if len(s.calls) > 0 {
		s.enter(RunningTool, at)
		return
	}
	s.enter(WaitingForModel, at)
}

// begin opens a turn if none is open. What was wrong with the one before is over.
func (s *Session) begin(at time.Time) {
	s.failure, s.refusal, s.question, s.wake = Event{}, "", "", time.Time{}
	if s.turn.IsZero() {
		s.turn = at
	}
}

func (s *Session) prompted(e Event) {
	s.begin(e.At)
	s.turn, s.calls, s.limit = e.At, nil, time.Time{}
	s.renew(e.At)
	s.settle(e.At)
}

// renew begins the wait for the model anew: something was heard.
func (s *Session) renew(at time.Time) {
	if s.state == WaitingForModel {
		s.learn(at)
		s.since = at
	}
}

func (s *Session) progressed(e Event) {
	if s.state == Idle || s.state == Ended {
		return // what follows a complete turn is book-keeping
	}
	s.begin(e.At)
	s.renew(e.At)
	s.settle(e.At)
}

// spoke: whether the turn is over is not told. What comes next tells.
func (s *Session) spoke(e Event) {
	s.begin(e.At)
	if len(s.calls) == 0 {
		s.close(Idle, e.At)
	}
}

func (s *Session) called(e Event) {
	s.begin(e.At)
	s.calls = append(s.calls, call{id: e.ID, tool: e.Tool, input: e.Input, at: e.At})
	s.calls = s.calls[max(len(s.calls)-mostCalls, 0):]
	s.enter(RunningTool, e.At)
}

func (s *Session) returned(e Event) {
	i := slices.IndexFunc(s.calls, func(c call) bool { return c.id == e.ID })
	if i < 0 { // told twice, or called before we looked
		s.progressed(e)
		return
	}
	s.begin(e.At)
	c := s.calls[i]
	s.calls = slices.Delete(s.calls, i, i+1)
	s.usual.add(c.tool, e.At.Sub(c.at))
	s.step(c, e)
	s.renew(e.At)
	s.settle(e.At)
}

// step looks for tools that lead nowhere.
func (s *Session) step(c call, e Event) {
	gap := time.Duration(0)
	if !s.stepped.IsZero() {
		gap = e.At.Sub(s.stepped)
	}
	s.stepped = e.At
	s.loop = s.judge.Add(steps.Step{Action: c.tool + " " + c.input, Result: e.Output, Failed: e.Failed, Gap: gap})
	s.loopTool = c.tool
}

func (s *Session) completed(e Event) {
	s.compacted, s.loop = 0, ""
	s.close(Idle, e.At)
}

func (s *Session) failed(e Event) {
	s.close(Idle, e.At)
	s.failure = e
	if CauseOf(e).Situation != SituationLimited {
		return
	}
	if s.state = Limited; !e.Until.IsZero() {
		s.limit = e.Until
	}
}

// close ends the turn.
func (s *Session) close(to State, at time.Time) {
	s.enter(to, at)
	s.turn, s.calls, s.question = time.Time{}, nil, ""
}
