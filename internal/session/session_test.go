package session

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"healer-sidecar/internal/heal"
)

var start = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// at makes an event that comes some time after the start.
func at(after time.Duration, e Event) Event {
	e.At = start.Add(after)
	return e
}

func situations(found []Finding) (all []Situation) {
	for _, f := range found {
		all = append(all, f.Situation)
	}
	return all
}

func TestStates(t *testing.T) {
	call := Event{Kind: Call, ID: "1", Tool: "Bash"}
	for _, row := range []struct {
		name   string
		events []Event
		want   State
	}{
		{"nothing", nil, NotUnderstood},
		{"asked", []Event{{Kind: Prompt}}, WaitingForModel},
		{"a tool runs", []Event{{Kind: Prompt}, call}, RunningTool},
		{"one of two tools runs", []Event{{Kind: Prompt}, call, {Kind: Call, ID: "2"}, {Kind: Result, ID: "1"}}, RunningTool},
		{"a tool has run", []Event{{Kind: Prompt}, call, {Kind: Result, ID: "1"}}, WaitingForModel},
		{"a result that nobody asked for", []Event{{Kind: Prompt}, call, {Kind: Result, ID: "9"}}, RunningTool},
		{"answered", []Event{{Kind: Prompt}, {Kind: TurnEnd}}, Idle},
		{"book-keeping after the answer", []Event{{Kind: Prompt}, {Kind: TurnEnd}, {Kind: Progress}}, Idle},
		{"a person is asked", []Event{{Kind: Prompt}, {Kind: Asking}}, WaitingForPerson},
		{"the person answered", []Event{{Kind: Prompt}, call, {Kind: Asking}, {Kind: Answered}}, RunningTool},
		{"interrupted", []Event{{Kind: Prompt}, call, {Kind: Aborted}}, Idle},
		{"limited", []Event{{Kind: Prompt}, {Kind: Failure, Status: "429"}}, Limited},
		{"failed", []Event{{Kind: Prompt}, {Kind: Failure, Status: "500"}}, Idle},
		{"over", []Event{{Kind: Prompt}, {Kind: Closed}}, Ended},
		{"joined in the middle", []Event{{Kind: Result, ID: "7"}}, WaitingForModel},
	} {
		s := &Session{known: 1}
		for i, e := range row.events {
			s.Apply(at(time.Duration(i)*time.Second, e))
		}
		if got := s.State(); got != row.want {
			t.Errorf("%s: the state is %s, want %s", row.name, got, row.want)
		}
	}
}

func TestStalledTurns(t *testing.T) {
	usual := func(s *Session, tool, model time.Duration) {
		s.usual.add("Bash", tool)
		s.usual.add(modelStage, model)
	}
	call := []Event{{Kind: Prompt}, {Kind: Call, ID: "1", Tool: "Bash"}}
	for _, row := range []struct {
		name        string
		events      []Event
		tool, model time.Duration // the longest that were seen before
		after       time.Duration
		works, over bool
		want        []Situation
	}{
		{name: "thinks", events: call[:1], after: 9 * time.Minute},
		{name: "thinks for too long", events: call[:1], after: 10 * time.Minute, want: []Situation{SituationStalled}},
		{name: "usually thinks long", events: call[:1], model: 8 * time.Minute, after: 20 * time.Minute},
		{name: "longer than ever", events: call[:1], model: 8 * time.Minute, after: 24 * time.Minute, want: []Situation{SituationStalled}},
		{name: "a long build", events: call, after: 3 * time.Hour, works: true},
		{name: "a tool that hangs", events: call, after: 2 * time.Hour, want: []Situation{SituationStalled}},
		{name: "a tool that usually takes long", events: call, tool: time.Hour, after: 2 * time.Hour},
		{name: "idle for days", events: []Event{{Kind: Prompt}, {Kind: TurnEnd}}, after: 48 * time.Hour},
		{name: "dead, not stalled", events: call[:1], after: time.Hour, over: true, want: []Situation{SituationUnfinished}},
		{name: "asks a person", events: []Event{{Kind: Prompt}, {Kind: Asking}}, after: time.Minute, want: []Situation{SituationPerson}},
		{name: "overslept", events: []Event{{Kind: Prompt}, {Kind: Sleeping, Until: start.Add(time.Hour)}, {Kind: TurnEnd}}, after: time.Hour + 3*time.Minute, want: []Situation{SituationAsleep}},
		{name: "a limit that is over", events: []Event{{Kind: Prompt}, {Kind: Failure, Status: "429", Text: "try again in 60s"}}, after: 2 * time.Minute},
		{name: "stays down after its limit", events: []Event{{Kind: Prompt}, {Kind: Failure, Status: "429", Text: "try again in 60s"}}, after: 3 * time.Minute, want: []Situation{SituationAsleep}},
		{name: "sleeps", events: []Event{{Kind: Prompt}, {Kind: Sleeping, Until: start.Add(time.Hour)}, {Kind: TurnEnd}}, after: time.Hour},
	} {
		s := &Session{known: 1}
		usual(s, row.tool, row.model)
		for _, e := range row.events {
			s.Apply(at(0, e))
		}
		got := situations(s.Judge(Facts{Now: start.Add(row.after), Works: row.works, Over: row.over}, DefaultLimits))
		if fmt.Sprint(got) != fmt.Sprint(row.want) {
			t.Errorf("%s: found %v, want %v", row.name, got, row.want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, row := range []struct {
		name  string
		event Event
		after time.Duration
		want  time.Duration // negative: the limit is over
	}{
		{"seconds", Event{Status: "429", Text: "Please try again in 90s."}, 0, 90 * time.Second},
		{"some of them have passed", Event{Status: "429", Text: "Please try again in 90s."}, 30 * time.Second, 60 * time.Second},
		{"all of them", Event{Status: "429", Text: "Please try again in 90s."}, 91 * time.Second, -1},
		{"a moment in a zone", Event{Detail: "rate_limit", Text: "You've hit your limit · resets Jun 1 at 4pm (Europe/Berlin)"}, 0, 2 * time.Hour},
		{"days away", Event{Status: "429", Text: "You've hit your weekly limit · resets Jun 3 at 4pm (Europe/Berlin)"}, 0, 50 * time.Hour},
		{"hours and minutes", Event{Detail: "usage_limit_exceeded", Text: "Try again in 3h 12m"}, 0, 3*time.Hour + 12*time.Minute},
		{"a field of the record", Event{Status: "429", Until: start.Add(time.Hour)}, time.Minute, 59 * time.Minute},
		{"nobody knows", Event{Status: "429", Text: "Too Many Requests"}, time.Hour, 0},
	} {
		s := &Session{known: 1}
		row.event.Kind = Failure
		s.Apply(at(0, Event{Kind: Prompt}))
		s.Apply(at(0, row.event))
		got := s.Judge(Facts{Now: start.Add(row.after)}, DefaultLimits)
		if row.want < 0 {
			if len(got) > 0 {
				t.Errorf("%s: %+v after the limit was over", row.name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Situation != SituationLimited || got[0].Vote.Wait != row.want || got[0].Vote.Cause != heal.RateLimit {
			t.Errorf("%s: found %+v, want a wait of %s", row.name, got, row.want)
		}
	}
}

func TestCauses(t *testing.T) {
	for _, row := range []struct {
		status, detail, text string
		situation            Situation
		kind                 heal.ErrorType
		cause                heal.Cause
	}{
		{"401", "authentication_failed", "Please run /login", SituationCredentials, heal.ConfigurationError, heal.Auth},
		{"", "", "OAuth token has expired", SituationCredentials, heal.ConfigurationError, heal.Auth},
		{"400", "invalid_request", "prompt is too long: 210000 tokens > 200000 maximum", SituationContext, heal.ResourceExhaustion, heal.Context},
		{"context_window_exceeded", "", "", SituationContext, heal.ResourceExhaustion, heal.Context},
		{"400", "", "messages.3: `tool_use` ids were found without `tool_result` blocks", SituationCannotResume, heal.ExecutionFailure, heal.Session},
		{"402", "billing_error", "", SituationFailed, heal.ResourceExhaustion, heal.Billing},
		{"429", "", "You exceeded your current quota, insufficient_quota", SituationFailed, heal.ResourceExhaustion, heal.Billing},
		{"529", "overloaded", "Overloaded", SituationFailed, heal.DependencyFailure, heal.Overload},
		{"503", "", "", SituationFailed, heal.DependencyFailure, heal.Outage},
		{`{"http_connection_failed":{"http_status_code":401}}`, "", "", SituationCredentials, heal.ConfigurationError, heal.Auth},
		{`{"response_stream_disconnected":{"http_status_code":null}}`, "", "stream disconnected before completion", SituationFailed, heal.CommunicationError, heal.Outage},
		{"", "", "API Error: Connection error.", SituationFailed, heal.CommunicationError, heal.Outage},
		{"", "", "something else", SituationFailed, heal.Unknown, ""},
	} {
		got := CauseOf(Event{Status: row.status, Detail: row.detail, Text: row.text})
		if want := (Cause{row.situation, row.kind, row.cause}); got != want {
			t.Errorf("%+v means %+v, want %+v", row, got, want)
		}
	}
}

// TestNothingIsFoundInGoodTurns: whatever tools a turn calls, and however long they take, a turn that goes on
// like the ones before has nothing wrong.
func TestNothingIsFoundInGoodTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Session{known: 1}
		now := start
		pass := func(most time.Duration) {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "pass")))
			if got := s.Judge(Facts{Now: now, Works: true}, DefaultLimits); len(got) > 0 {
				t.Fatalf("found %v after %s", situations(got), now.Sub(start))
			}
		}
		for turn := range rapid.IntRange(1, 5).Draw(t, "turns") {
			s.Apply(Event{Kind: Prompt, At: now})
			for n := range rapid.IntRange(0, 8).Draw(t, "tools") {
				pass(9 * time.Minute)
				id := fmt.Sprint(turn, n)
				s.Apply(Event{Kind: Call, At: now, ID: id, Tool: "Bash", Input: "step " + word(turn, n)})
				pass(50 * time.Minute)
				s.Apply(Event{Kind: Result, At: now, ID: id, Output: "done with " + word(n, turn)})
			}
			pass(9 * time.Minute)
			s.Apply(Event{Kind: TurnEnd, At: now})
			pass(100 * time.Hour)
		}
	})
}

// word is another one for each pair of small numbers.
func word(a, b int) string {
	words := []string{"apple", "river", "stone", "cloud", "horse", "lamp", "wheel", "paper", "grass"}
	return words[a%len(words)] + words[b%len(words)]
}

func TestUnknownRecordsAreNoFailure(t *testing.T) {
	s := &Session{}
	a := &Adapter{Time: "at", Rules: []Rule{{Event: Prompt, When: map[string]string{"type": "ask"}}}}
	s.Line(a, []byte(`{"type":"ask","at":"2026-06-01T12:00:00Z"}`), start)
	for range 30 {
		s.Line(a, []byte(`{"type":"new in a later release"}`), start)
	}
	if got := s.State(); got != NotUnderstood {
		t.Errorf("the state is %s, want %s", got, NotUnderstood)
	}
	if got := s.Judge(Facts{Now: start.Add(24 * time.Hour)}, DefaultLimits); len(got) > 0 {
		t.Errorf("found %v in what is not understood", situations(got))
	}
}

func TestConditions(t *testing.T) {
	record := map[string]any{"a": map[string]any{"b": []any{map[string]any{"t": "x"}, map[string]any{"t": "y"}}}, "n": 3.0, "off": false, "s": "Some Text"}
	for _, row := range []struct {
		path, want string
		match      bool
	}{
		{"a.b[].t", "x", true}, {"a.b[].t", "z", false}, {"a.b[].t", "!z", true}, {"a.b[].t", "!y", false}, {"a.b.1.t", "y", true},
		{"n", "3", true}, {"off", "false", true}, {"off", "*", false}, {"none", "!*", true}, {"none", "", true}, {"s", "~some|other", true},
		{"s", "!~some", false}, {"a.b.9.t", "x", false},
	} {
		if got := Match(lookup(record, nil, row.path), row.want); got != row.match {
			t.Errorf("%s = %q is %v", row.path, row.want, got)
		}
	}
}

func TestEverySituationIsListed(t *testing.T) {
	for _, s := range signs {
		if !slices.Contains(Situations, s.cause.Situation) {
			t.Errorf("%s is not listed", s.cause.Situation)
		}
	}
}
