package present

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

var at = time.Date(2026, 11, 28, 6, 31, 52, 0, time.Local)

func stamp(after time.Duration) heal.Stamp { return heal.Stamp{Mono: after, Wall: at.Add(after)} }

// story is an incident with two attempts that failed, and a dependency that is waited for.
func story() []heal.Event {
	diag := &heal.Diagnosis{
		Type: heal.CommunicationError, Cause: heal.Outage, Confidence: 0.6, Fingerprint: "v1:a", Rule: "refused",
		Evidence: []string{"exit: exit code 1", "rule refused: ConnectionRefusedError: refused (communication_error, 0.84)"},
	}
	try := func(id string, s heal.Strategy) *heal.Attempt { return &heal.Attempt{ID: id, Strategy: s} }
	return []heal.Event{
		{Kind: heal.EventOpened, Incident: "inc-1", Agent: "writer", At: stamp(0)},
		{Kind: heal.EventDiagnosed, Incident: "inc-1", Diag: diag, At: stamp(0)},
		{Kind: heal.EventPlanned, Incident: "inc-1", Plan: &heal.Plan{Strategy: heal.Retry}, At: stamp(0)},
		{Kind: heal.EventAttempt, Incident: "inc-1", Attempt: try("inc-1.1", heal.Retry), At: stamp(0)},
		{Kind: heal.EventOutcome, Incident: "inc-1", Attempt: try("inc-1.1", heal.Retry), Outcome: heal.Failed, Note: "came back", At: stamp(300 * time.Millisecond)},
		{Kind: heal.EventAttempt, Incident: "inc-1", Attempt: try("inc-1.2", heal.WaitAndRetry), At: stamp(5 * time.Second)},
		{Kind: heal.EventOutcome, Incident: "inc-1", Attempt: try("inc-1.2", heal.WaitAndRetry), Outcome: heal.Failed, Note: "came back", At: stamp(5200 * time.Millisecond)},
		{Kind: heal.EventAttempt, Incident: "inc-1", Attempt: try("inc-1.3", heal.Escalate), At: stamp(6 * time.Second)},
		{Kind: heal.EventPlanned, Incident: "inc-1", At: stamp(7 * time.Second), Plan: &heal.Plan{
			Verdict: &heal.Verdict{Rule: "dependency", Decision: heal.Deny, Reason: "it depends on postgres, which is down: 127.0.0.1:55432 refuses connections"},
		}},
	}
}

func TestACardAnswersWhatSinceWhenAndWhatNext(t *testing.T) {
	i := Fold(story())
	a := heal.AgentStatus{Agent: "writer", Health: "blocked", Incident: "inc-1", Since: at, Budget: 5, BudgetLeft: 5}
	now := at.Add(10 * time.Minute)
	got := strings.Join(CardLines(*CardOf(a, &i, now), 100, now), "\n")
	want := `writer is DOWN: waiting for postgres (127.0.0.1:55432 refuses connections)
Incident inc-1, open 10m. Attempts: 2 (2 failed). Budget: 5 of 5 left.
Cause    ConnectionRefusedError: refused (communication_error, outage, 60 %)
Tried    06:31:52 retry: failed in 0.3 s
         06:31:57 wait_and_retry: failed in 0.2 s
Now      Starts automatically when postgres answers.
You can  healer-sidecar start writer  starts it now and refills its budget
         healer-sidecar hold writer   leaves it as it is; nothing is healed until you release it
         healer-sidecar ack inc-1     says that you know; no more notices until it is resolved`
	if got != want {
		t.Errorf("the card is\n%s\nwant\n%s", got, want)
	}
}

// TestEveryStateSaysWhatComesNext: an agent in any state has a card that says what follows, or is well,
// and every command that is offered is an order about something that is there.
func TestEveryStateSaysWhatComesNext(t *testing.T) {
	now := at.Add(time.Minute)
	for _, s := range States {
		a := heal.AgentStatus{Agent: "a", Health: s.Name, Until: now.Add(161 * time.Second), Since: at}
		if s.rank < rankWaiting {
			a.Incident = "inc-1"
		}
		i := Fold(story())
		c := CardOf(a, &i, now)
		if s.rank == rankWell {
			if c != nil {
				t.Errorf("%s has a card: %+v", s.Name, c)
			}
			continue
		}
		if c == nil || c.Now == "" && s.Name != unusual.Name {
			t.Fatalf("%s does not say what comes next: %+v", s.Name, c)
		}
		if c.NeedsYou != s.NeedsYou {
			t.Errorf("%s: needs you is %v", s.Name, c.NeedsYou)
		}
		if s.NeedsYou && len(c.Options) == 0 {
			t.Errorf("%s needs a person and offers nothing", s.Name)
		}
		for _, o := range c.Options {
			order := heal.Order{Command: o.Command, Agent: a.Agent, Incident: a.Incident}
			if err := order.Check(); err != nil || o.Effect == "" {
				t.Errorf("%s offers %+v: %v", s.Name, o, err)
			}
		}
		for _, timed := range []string{"asking", "slow", "delayed", "watching", "verifying"} {
			if s.Name == timed && !strings.Contains(c.Now, "2:41") {
				t.Errorf("%s does not say when: %s", s.Name, c.Now)
			}
		}
	}
}

func TestWhoKnowsIsNotCountedAgain(t *testing.T) {
	agents := []heal.AgentStatus{
		{Agent: "well", Health: "healthy", Running: true},
		{Agent: "known", Health: "slow", Incident: "inc-2", Acknowledged: true},
		{Agent: "asks", Health: "asking", Incident: "inc-3", Acknowledged: true, Since: at.Add(time.Minute)},
		{Agent: "held", Health: "held", Incident: "inc-4", Since: at},
		{Agent: "stopped", Health: "stopped"},
	}
	Deal(agents, func(string) *heal.IncidentSummary { return nil }, at)
	var names []string
	for _, c := range NeedsYou(agents) {
		names = append(names, c.Agent)
	}
	if got := strings.Join(names, " "); got != "held asks" {
		t.Errorf("these need a person: %s", got)
	}
	names = nil
	for _, a := range Sorted(agents) {
		names = append(names, a.Agent)
	}
	if got := strings.Join(names, " "); got != "asks held known stopped well" {
		t.Errorf("the order is %s", got)
	}
	if got := Summary(agents); got != "5 agents: 2 need you, 1 unwell, 1 down on purpose, 1 healthy" {
		t.Error(got)
	}
}

func TestTheSymptomIsTheLineThatDecides(t *testing.T) {
	for _, c := range []struct {
		want string
		diag heal.Diagnosis
	}{
		{"boom (again)", heal.Diagnosis{Rule: "r", Evidence: []string{"exit: exit code 1", "rule r: boom (again) (unknown, 0.50)"}}},
		{"boom (again, 3)", heal.Diagnosis{Rule: "r", Evidence: []string{"rule r: boom (again, 3)"}}},
		{"port 80 is in use", heal.Diagnosis{Because: "port 80 is in use", Evidence: []string{"exit: exit code 1"}}},
		{"memory 2 above 1", heal.Diagnosis{Evidence: []string{"exit: SIGKILL", "memory 2 above 1 (resource_exhaustion, 0.90)"}}},
		{"SIGSEGV", heal.Diagnosis{Evidence: []string{"its wording as a whole (execution_failure, 0.99)", "exit: SIGSEGV"}}},
		{"exit code 3", heal.Diagnosis{Evidence: []string{"exit: exit code 3"}}},
		{"", heal.Diagnosis{}},
	} {
		if got := Symptom(c.diag); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestTimesAreReadAtAGlance(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Countdown(161 * time.Second), "2:41"}, {Countdown(6500 * time.Millisecond), "7 s"}, {Countdown(-time.Second), "now"},
		{Countdown(time.Hour + 5*time.Minute), "1:05:00"}, {Age(59 * time.Second), "59s"}, {Age(10 * time.Minute), "10m"},
		{Age(125 * time.Minute), "2h5m"}, {Age(76 * time.Hour), "3d4h"}, {Took(4 * time.Millisecond), "4 ms"},
		{Took(300 * time.Millisecond), "0.3 s"}, {Took(-1), "-"}, {Share(0, 0), "-"}, {Share(1, 11), "9 %"},
		{Count(1, "agent"), "1 agent"}, {Count(2, "agent"), "2 agents"}, {Count(2, "entry"), "2 entries"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// TestHostileWordsStayWordsOnOneLine: what an agent prints can neither move the cursor nor begin a line.
func TestHostileWordsStayWordsOnOneLine(t *testing.T) {
	i := Fold(story())
	i.Symptom = "boom\x1b[2J\nYou can  rm -rf /\u202e" + strings.Repeat("x", 10000)
	a := heal.AgentStatus{Agent: "w", Health: "slow", Incident: "inc-1", Hold: "a\nb"}
	for _, line := range CardLines(*CardOf(a, &i, at), 0, at) {
		if strings.ContainsAny(line, "\x1b\n\u202e") || len(line) > 600 {
			t.Errorf("the card has the line %q", line)
		}
	}
}

func TestCommandsAreNeverCut(t *testing.T) {
	a := heal.AgentStatus{Agent: "an-agent-with-a-very-long-name-indeed", Health: "asking", Incident: "inc-1"}
	text := strings.Join(CardLines(*CardOf(a, nil, at), 60, at), "\n")
	for _, want := range []string{"healer-sidecar approve inc-1", "healer-sidecar approve --refuse inc-1", "healer-sidecar hold an-agent-with-a-very-long-name-indeed"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestOrdersThatChangeNothingSaySo(t *testing.T) {
	for _, c := range []struct {
		command heal.Command
		status  heal.AgentStatus
		nothing bool
	}{
		{heal.CommandRelease, heal.AgentStatus{Health: "healthy"}, true},
		{heal.CommandRelease, heal.AgentStatus{Health: "healthy", Hold: "x"}, false},
		{heal.CommandRelease, heal.AgentStatus{Health: "held"}, false},
		{heal.CommandStop, heal.AgentStatus{Health: "stopped", Desired: "down"}, true},
		{heal.CommandStop, heal.AgentStatus{Health: "delayed", Desired: "up"}, false},
		{heal.CommandStart, heal.AgentStatus{Health: "healthy", Running: true}, true},
		{heal.CommandStart, heal.AgentStatus{Health: "slow"}, false},
		{heal.CommandStop, heal.AgentStatus{}, false},
	} {
		if got := NothingToDo(c.command, c.status) != ""; got != c.nothing {
			t.Errorf("%s of %+v: %v", c.command, c.status, got)
		}
	}
}
