package plan

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/engine/learn"
	"healer-sidecar/internal/heal"
)

var now = heal.Stamp{Mono: time.Hour, Wall: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}

func input(t heal.ErrorType) Input {
	book := &learn.Book{}
	book.Prepare()
	return Input{
		Incident: "inc-1", Now: now, Policy: heal.DefaultPolicy("a"), Diag: heal.Diagnosis{Type: t, Fingerprint: "v1:x"}, Book: book,
		Tried: map[heal.Strategy]int{},
	}
}

// TestFirstChoice is the table of the design, section 5, for an agent with nothing
// declared.
func TestFirstChoice(t *testing.T) {
	table := []struct {
		typ     heal.ErrorType
		running bool
		want    heal.Strategy
	}{
		{heal.ExecutionFailure, false, heal.Retry},
		{heal.ExecutionFailure, true, heal.Restart},
		{heal.ResourceExhaustion, true, heal.Reconfigure},
		{heal.ResourceExhaustion, false, heal.Restart},
		{heal.GoalConflict, false, heal.WaitAndRetry},
		{heal.CommunicationError, false, heal.Retry},
		{heal.PerformanceDegradation, true, heal.Reconfigure},
		{heal.PerformanceDegradation, false, heal.Restart},
		{heal.SafetyViolation, true, heal.Isolate},
		{heal.SafetyViolation, false, heal.Escalate},
		{heal.DependencyFailure, false, heal.WaitAndRetry},
		{heal.ConfigurationError, false, heal.Escalate},
		{heal.LearningFailure, true, heal.Restart},
		{heal.Unknown, false, heal.Retry},
	}
	for _, row := range table {
		in := input(row.typ)
		in.Running = row.running
		p, _ := Make(in)
		if p.Strategy != row.want {
			t.Errorf("%s, running %v: %s, want %s", row.typ, row.running, p.Strategy, row.want)
		}
		if len(p.Options) != len(heal.Profiles) {
			t.Errorf("%s: %d of the ten strategies are explained", row.typ, len(p.Options))
		}
	}
}

func TestNothingDeclaredIsNotOffered(t *testing.T) {
	in := input(heal.LearningFailure)
	p, _ := Make(in)
	for _, o := range p.Options {
		if o.Strategy == heal.Rollback && (o.Offered || o.Why == "") {
			t.Errorf("rollback is offered with nothing declared: %+v", o)
		}
	}
	in.Policy.Declared = map[heal.Strategy]bool{heal.Rollback: true}
	in.Diag.Rule = "checkpoint"
	if p, _ = Make(in); p.Strategy != heal.Rollback {
		t.Errorf("with snapshots the plan for a broken checkpoint is %s", p.Strategy)
	}
}

func TestExperienceReorders(t *testing.T) {
	in := input(heal.ExecutionFailure)
	book := func(s heal.Strategy, o heal.Outcome, n int) {
		for range n {
			in.Book.Learn(now, heal.Lesson{
				Agent: "a", Class: "a", Type: heal.ExecutionFailure, Fingerprint: "v1:x", Strategy: s, Outcome: o, Took: time.Second,
			})
		}
	}
	book(heal.Retry, heal.Failed, 6)
	if p, _ := Make(in); p.Strategy != heal.WaitAndRetry {
		t.Errorf("after six failures of retry the plan is %s", p.Strategy)
	}
	book(heal.Restart, heal.Recovered, 4)
	if p, _ := Make(in); p.Strategy != heal.Restart {
		t.Errorf("after four recoveries by restart the plan is %s", p.Strategy)
	}
	in.Diag.Fingerprint = "v1:other"
	if p, _ := Make(in); p.Strategy != heal.Retry {
		t.Errorf("another failure is planned as %s", p.Strategy)
	}
}

func TestRisk(t *testing.T) {
	critical, recurring := heal.Diagnosis{Critical: true}, heal.Diagnosis{Critical: true, Recurring: true}
	for _, row := range []struct {
		base float64
		d    heal.Diagnosis
		want float64
	}{{0.5, heal.Diagnosis{}, 0.5}, {0.5, critical, 0.65}, {0.5, recurring, 0.78}, {0.9, recurring, 1}} {
		if got := Risk(row.base, row.d); math.Abs(got-row.want) > 1e-9 {
			t.Errorf("risk of %v with %+v is %v: want %v", row.base, row.d, got, row.want)
		}
	}
}

func TestBackoffGrowsWithJitterToItsCap(t *testing.T) {
	b := heal.Backoff{Base: time.Second, Factor: 2, Max: 10 * time.Second}
	if d := Backoff(b, 0.4, "s"); d != 0 {
		t.Errorf("a stable agent waits %s", d)
	}
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 60: 10 * time.Second} {
		spread := map[time.Duration]bool{}
		for seed := range 50 {
			d := Backoff(b, float64(n), string(rune('a'+seed)))
			if ratio := float64(d) / float64(want); ratio < 1-jitter-1e-9 || ratio > 1+jitter+1e-9 {
				t.Errorf("failure %d waits %s: want %s and a tenth either way", n, d, want)
			}
			spread[d] = true
		}
		if len(spread) < 25 {
			t.Errorf("failure %d: only %d different delays of 50", n, len(spread))
		}
	}
	first := Backoff(b, 3, "same")
	if again := Backoff(b, 3, "same"); again != first {
		t.Errorf("a replay waits %s, not %s", again, first)
	}
}

func TestTriesOfThePolicy(t *testing.T) {
	in := input(heal.ExecutionFailure)
	in.Tried[heal.Retry] = 3
	if p, _ := Make(in); p.Strategy == heal.Retry {
		t.Error("a fourth retry is planned")
	}
	in.Policy.Tries = map[heal.Strategy]int{heal.Retry: 10}
	if p, _ := Make(in); !offers(p, heal.Retry) {
		t.Error("with ten tries allowed there is no fourth")
	}
}

func offers(p heal.Plan, s heal.Strategy) bool {
	return slices.ContainsFunc(p.Options, func(o heal.Option) bool { return o.Strategy == s && o.Offered })
}

// TestGivenOrderIsKept: what the operator wrote down is only corrected by experience.
func TestGivenOrderIsKept(t *testing.T) {
	in := input(heal.ExecutionFailure)
	in.Policy.Ladders = map[heal.ErrorType][]heal.Strategy{heal.ExecutionFailure: {heal.Restart, heal.Retry}}
	if p, _ := Make(in); p.Strategy != heal.Restart {
		t.Errorf("the plan is %s", p.Strategy)
	}
	in.Policy.Learned = map[heal.ErrorType]bool{heal.ExecutionFailure: true}
	if p, _ := Make(in); p.Strategy != heal.Retry {
		t.Errorf("by expected cost the plan is %s", p.Strategy)
	}
}

// TestANamedTimeIsWaitedFor, until it was found wrong again and again.
func TestANamedTimeIsWaitedFor(t *testing.T) {
	in := input(heal.DependencyFailure)
	in.Diag.Wait = 17 * time.Second
	if p, _ := Make(in); p.Strategy != heal.WaitAndRetry || p.Delay != 17*time.Second || offers(p, heal.Retry) {
		t.Errorf("the plan is %s in %s", p.Strategy, p.Delay)
	}
	for range 6 {
		in.Book.Learn(now, heal.Lesson{
			Class: "a", Type: in.Diag.Type, Fingerprint: in.Diag.Fingerprint, Strategy: heal.WaitAndRetry, Outcome: heal.Failed,
			Named: 17 * time.Second, Ended: 20 * time.Second, Took: time.Second,
		})
	}
	if p, _ := Make(in); p.Delay == 17*time.Second {
		t.Error("a time that was wrong six times is believed")
	}
}

// TestNoWaitIsLongerThanTheBackoff: what the policy allows bounds the waits that we choose
// ourselves, not a time that the evidence names.
func TestNoWaitIsLongerThanTheBackoff(t *testing.T) {
	for _, row := range []struct {
		most, named time.Duration
		given       bool
		want        []time.Duration
	}{
		{2 * time.Second, 0, false, []time.Duration{500 * time.Millisecond, 2 * time.Second}},
		{20 * time.Second, 0, false, []time.Duration{5 * time.Second, 15 * time.Second}},
		{5 * time.Minute, 0, false, waits},
		{2 * time.Second, 0, true, []time.Duration{2 * time.Second}},
		{2 * time.Second, time.Minute, false, []time.Duration{time.Minute}},
	} {
		in := input(heal.DependencyFailure)
		in.Policy.Backoff = heal.Backoff{Base: time.Second, Factor: 2, Max: row.most}
		in.Diag.Wait = row.named
		c := newChoice(in)
		c.given = row.given
		if got := c.waitsOf(heal.WaitAndRetry); !slices.Equal(got, row.want) {
			t.Errorf("at most %s, named %s: it chooses among %v, want %v", row.most, row.named, got, row.want)
		}
	}
}

// TestAPersonIsCalledWhenRemediesAreDearer, and not before.
func TestAPersonIsCalledWhenRemediesAreDearer(t *testing.T) {
	in := input(heal.ExecutionFailure)
	in.Policy.Person = 5 * time.Second
	p, _ := Make(in)
	if p.Strategy != heal.Escalate || !strings.Contains(p.Reason, "cost more than a person") {
		t.Errorf("the plan is %s: %s", p.Strategy, p.Reason)
	}
}

// TestChoiceIsTheSameOnReplay also where it explores.
func TestChoiceIsTheSameOnReplay(t *testing.T) {
	for n := range 200 {
		in := input(heal.ExecutionFailure)
		in.Incident = "inc-" + strconv.Itoa(n)
		p, _ := Make(in)
		again, _ := Make(in)
		if !reflect.DeepEqual(p, again) {
			t.Fatalf("%s: %s, and on replay %s", in.Incident, p.Strategy, again.Strategy)
		}
	}
}
