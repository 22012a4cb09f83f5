package learn

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"healer-sidecar/internal/heal"
)

var now = heal.Stamp{Mono: time.Hour, Wall: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}

func book() *Book {
	b := &Book{}
	b.Prepare()
	return b
}

func lesson(s heal.Strategy, o heal.Outcome) heal.Lesson {
	return heal.Lesson{Agent: "a", Class: "a", Type: heal.ExecutionFailure, Fingerprint: "v1:x", Strategy: s, Outcome: o, Took: time.Second}
}

func chanceOf(b *Book, s heal.Strategy) float64 {
	return b.Outlook("a", "v1:x", Look{Type: heal.ExecutionFailure}).Chance(Try{Strategy: s, End: 2 * time.Second}).Mean()
}

func TestLibraryIsWellFormed(t *testing.T) {
	for _, a := range Library {
		sum := 0.0
		for _, p := range a.Types {
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s shows with a sum of %v", a.Name, sum)
		}
		for s := range a.Success {
			if !s.Valid() || s == heal.Escalate {
				t.Errorf("%s names the remedy %q", a.Name, s)
			}
		}
	}
}

func TestOutcomesMoveTheChance(t *testing.T) {
	b := book()
	before := chanceOf(b, heal.Restart)
	b.Learn(now, lesson(heal.Restart, heal.Recovered))
	after := chanceOf(b, heal.Restart)
	if after <= before {
		t.Errorf("a success moves the chance from %.2f to %.2f", before, after)
	}
	b.Learn(now, lesson(heal.Restart, heal.Relapsed))
	if got := chanceOf(b, heal.Restart); got >= after {
		t.Errorf("a relapse moves the chance from %.2f to %.2f", after, got)
	}
}

// TestALateRelapseStandsInForTheRecovery compares one that was first called a recovery with one
// that was seen at once.
func TestALateRelapseStandsInForTheRecovery(t *testing.T) {
	b, want := book(), book()
	b.Learn(now, lesson(heal.Retry, heal.Recovered))
	late := lesson(heal.Retry, heal.Relapsed)
	late.Late, late.Lasted = true, time.Minute
	b.Learn(now, late)
	want.Learn(now, lesson(heal.Retry, heal.Relapsed))
	for _, s := range []heal.Strategy{heal.Retry, heal.Restart, heal.Compensate} {
		if got, want := chanceOf(b, s), chanceOf(want, s); math.Abs(got-want) > 1e-3 {
			t.Errorf("the chance of %s is %.4f: want %.4f", s, got, want)
		}
	}
	p := b.Find("a", "v1:x")
	if got := p.Arms[heal.Retry].Totals; got != (Totals{Relapsed: 1}) {
		t.Errorf("the totals are %+v: want one relapse", got)
	}
	if got := p.Arms[heal.Retry].Ever[0]; got != (Counts{Good: 1, Bad: 1}) {
		t.Errorf("other hosts are told %+v: what was told cannot be taken back", got)
	}
	if p.Lasted != 0 || p.Outcomes != 1 {
		t.Errorf("it moved the proof by %s, or counts as %d outcomes", p.Lasted, p.Outcomes)
	}
}

func TestUnknownTeachesNothing(t *testing.T) {
	b := book()
	before := chanceOf(b, heal.Restart)
	b.Learn(now, lesson(heal.Restart, heal.OutcomeUnknown))
	if got := chanceOf(b, heal.Restart); got != before {
		t.Errorf("the chance moved from %.3f to %.3f", before, got)
	}
	if n := b.Find("a", "v1:x").Arms[heal.Restart].Totals.Unknown; n != 1 {
		t.Errorf("it is counted %d times", n)
	}
}

// TestARemedyThatStoppedWorkingIsRelearned: three failures in a row of what always worked.
func TestARemedyThatStoppedWorkingIsRelearned(t *testing.T) {
	b := book()
	for range 30 {
		b.Learn(now, lesson(heal.Restart, heal.Recovered))
	}
	if got := chanceOf(b, heal.Restart); got < 0.9 {
		t.Fatalf("after thirty successes the chance is %.2f", got)
	}
	for range 3 {
		b.Learn(now, lesson(heal.Restart, heal.Failed))
	}
	if got := chanceOf(b, heal.Restart); got > 0.65 {
		t.Errorf("after three failures the chance is still %.2f", got)
	}
}

func TestOthersAreBelievedUntilOneKnowsBetter(t *testing.T) {
	b := book()
	for range 5 {
		l := lesson(heal.Rollback, heal.Recovered)
		l.Class = "other"
		b.Learn(now, l)
	}
	fresh := chanceOf(book(), heal.Rollback)
	if got := chanceOf(b, heal.Rollback); got <= fresh {
		t.Errorf("what others learned moves the chance from %.2f to %.2f", fresh, got)
	}
	for range 5 {
		b.Learn(now, lesson(heal.Rollback, heal.Failed))
	}
	if got := chanceOf(b, heal.Rollback); got > 0.3 {
		t.Errorf("against one's own five failures the chance is %.2f", got)
	}
}

func TestHealingByItselfIsNotCreditedToTheRestart(t *testing.T) {
	blip := &Archetype{Repeat: 1, Heals: &Law{time.Minute, 1}}
	early := blip.chance(Try{Strategy: heal.Restart, End: 5 * time.Second})
	late := blip.chance(Try{Strategy: heal.Restart, Probed: 5 * time.Second, End: 10 * time.Minute})
	if early > 0.1 || late < 0.9 {
		t.Errorf("after seconds %.2f, after minutes %.2f", early, late)
	}
}

func TestBookIsBoundedAndKeepsThePinned(t *testing.T) {
	b := book()
	b.Learn(now, lesson(heal.Restart, heal.Recovered))
	if !b.Pin("a", "v1:x", heal.Restart) {
		t.Fatal("it cannot be pinned")
	}
	for i := range maxPatterns {
		l := lesson(heal.Retry, heal.Failed)
		l.Fingerprint = fmt.Sprint("v1:", i)
		b.Learn(now.Add(time.Duration(i)), l)
	}
	if len(b.Patterns) > maxPatterns || len(b.index) != len(b.Patterns) {
		t.Errorf("%d patterns, %d in the index", len(b.Patterns), len(b.index))
	}
	if p := b.Find("a", "v1:x"); p == nil || p.Pinned != heal.Restart {
		t.Error("the pinned pattern is gone")
	}
	if b.Forget("a", "v1:x"); b.Find("a", "v1:x") != nil {
		t.Error("a forgotten pattern is there")
	}
}

// TestSnapshotContinuesTheFold: a book that was written down and read goes on the same.
func TestSnapshotContinuesTheFold(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		whole, cut := book(), book()
		lessons := rapid.SliceOfN(rapid.Custom(anyLesson), 1, 40).Draw(r, "lessons")
		at := rapid.IntRange(0, len(lessons)).Draw(r, "cut")
		for i, l := range lessons {
			if i == at {
				cut = reread(r, cut)
			}
			whole.Learn(now, l)
			cut.Learn(now, l)
		}
		one, err := json.Marshal(whole)
		if err != nil {
			r.Fatal(err)
		}
		other, err := json.Marshal(cut)
		if err != nil || string(one) != string(other) {
			r.Fatalf("%v\n%s\n%s", err, one, other)
		}
		for _, p := range heal.Profiles {
			if c := chanceOf(whole, p.Strategy); c <= 0 || c >= 1 || math.IsNaN(c) {
				r.Fatalf("the chance of %s is %v", p.Strategy, c)
			}
		}
	})
}

func reread(r *rapid.T, b *Book) *Book {
	raw, err := json.Marshal(b)
	if err != nil {
		r.Fatal(err)
	}
	fresh := &Book{}
	if err := json.Unmarshal(raw, fresh); err != nil {
		r.Fatal(err)
	}
	fresh.Prepare()
	return fresh
}

func anyLesson(r *rapid.T) heal.Lesson {
	l := lesson(heal.Profiles[rapid.IntRange(0, 8).Draw(r, "strategy")].Strategy, heal.Failed)
	l.Outcome = rapid.SampledFrom([]heal.Outcome{heal.Recovered, heal.Failed, heal.Relapsed, heal.OutcomeUnknown}).Draw(r, "outcome")
	l.Type = rapid.SampledFrom(heal.ErrorTypes).Draw(r, "type")
	l.Class = rapid.SampledFrom([]string{"a", "b"}).Draw(r, "class")
	l.Late = l.Outcome == heal.Relapsed && rapid.Bool().Draw(r, "late")
	l.Before = rapid.IntRange(0, 3).Draw(r, "before")
	l.Ended = time.Duration(rapid.IntRange(0, 1e6).Draw(r, "ended")) * time.Millisecond
	return l
}

// BenchmarkFold books a hundred thousand lessons of twenty thousand failures.
func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		all := book()
		for i := range 100_000 {
			l := lesson(heal.Profiles[i%9].Strategy, heal.Recovered)
			l.Fingerprint = fmt.Sprint("v1:", i%20_000)
			all.Learn(now.Add(time.Duration(i)), l)
		}
	}
}
