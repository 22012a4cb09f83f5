package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"healer-sidecar/internal/engine/ledger"
	"healer-sidecar/internal/heal"
)

// desk is a journal and an executor that write down what they are asked, in order.
type desk struct {
	mu   sync.Mutex // guards everything below
	list []string
	fail error
	full bool
}

func (d *desk) ask(what string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(d.list, what)
	return d.fail
}

func (d *desk) asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.list)
}

func (d *desk) set(fail error, full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail, d.full = fail, full
}

func (d *desk) Append(events []heal.Event, _ bool) (err error) {
	for _, e := range events {
		err = d.ask("record " + string(e.Kind))
	}
	return err
}

func (d *desk) Sync() error { return d.ask("sync") }

func (d *desk) Full() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.full
}

func (d *desk) Compact(any) error {
	d.set(nil, false)
	return d.ask("compact")
}

func (d *desk) Do(a heal.Attempt)  { _ = d.ask("act " + name(a)) }
func (d *desk) Cancel(string)      { _ = d.ask("cancel") }
func (d *desk) Refuse(_, _ string) { _ = d.ask("refuse") }

// atDesk runs a loop in a bubble.
func atDesk(t *testing.T, act func(*testing.T, *Loop, *desk)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		d := &desk{}
		policy := heal.DefaultPolicy("a")
		l := NewLoop(New(ledger.New(), "boot", heal.DefaultHost(), []heal.Policy{policy}), d, d, heal.Stamp{Mono: time.Hour, Wall: time.Now()}, func(events []heal.Event) {
			for _, e := range events {
				_ = d.ask("told " + string(e.Kind))
			}
		})
		done := make(chan struct{})
		go func() { l.Run(ctx); close(done) }()
		act(t, l, d)
		end()
		<-done
	})
}

func TestLoopKeepsTheOrderOfEffects(t *testing.T) {
	atDesk(t, func(t *testing.T, l *Loop, d *desk) {
		l.Post(t.Context(), Launch{})
		synctest.Wait()
		want := []string{"record attempt_started", "act launch", "sync", "told attempt_started"}
		if !slices.Equal(d.asked(), want) {
			t.Errorf("asked %v: want %v", d.asked(), want)
		}
	})
}

func TestTimersComeDue(t *testing.T) {
	atDesk(t, func(t *testing.T, l *Loop, d *desk) {
		l.Post(t.Context(), Launch{})
		l.Post(t.Context(), Started{Agent: "a", Run: heal.RunFact{Run: 1}})
		l.Post(t.Context(), AttemptFinished{Result: heal.Result{Attempt: "a.launch.1"}})
		exit := heal.Exit{Code: 1}
		l.Post(t.Context(), Exited{Agent: "a", Exit: exit, Signal: &heal.Signal{
			Agent: "a", Detector: "exit", State: heal.Raised, Witness: heal.WitnessExit, Exit: &exit,
			Output: &heal.TextEvidence{Votes: []heal.Vote{{Type: heal.DependencyFailure, Weight: 0.9, Wait: 20 * time.Second}}},
		}})
		time.Sleep(19 * time.Second)
		synctest.Wait()
		if slices.Contains(d.asked(), "act wait_and_retry") {
			t.Error("it acted before its time")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !slices.Contains(d.asked(), "act wait_and_retry") {
			t.Errorf("it did not act: %v", d.asked())
		}
	})
}

func TestJournalThatFailsStopsNothing(t *testing.T) {
	atDesk(t, func(t *testing.T, l *Loop, d *desk) {
		d.set(errors.New("no space"), false)
		l.Post(t.Context(), Launch{})
		synctest.Wait()
		if !slices.Contains(d.asked(), "act launch") {
			t.Errorf("nothing was started: %v", d.asked())
		}
		down := ""
		l.Ask(t.Context(), func(c *Core) { down = c.journalDown })
		if !strings.Contains(down, "no space") {
			t.Errorf("the core was told %q", down)
		}
	})
}

func TestFullJournalIsCompacted(t *testing.T) {
	atDesk(t, func(t *testing.T, l *Loop, d *desk) {
		d.set(nil, true)
		l.Post(t.Context(), Noted{Note: "x"})
		synctest.Wait()
		if got := d.asked(); got[len(got)-1] != "compact" {
			t.Errorf("asked %v", d.asked())
		}
	})
}

func TestSteppedClockIsNoted(t *testing.T) {
	l := &Loop{last: heal.Stamp{Mono: time.Hour, Wall: dawn.Wall}}
	table := []struct {
		mono, wall, want time.Duration
	}{
		{time.Second, time.Second, 0},
		{time.Second, time.Second + 300*time.Millisecond, 0},
		{time.Second, 2*time.Hour + time.Second, 2 * time.Hour},
		{time.Second, time.Second - 2*time.Hour, -2 * time.Hour},
		{10 * time.Hour, 10 * time.Hour, 0},
	}
	at := l.last
	for _, row := range table {
		at = heal.Stamp{Mono: at.Mono + row.mono, Wall: at.Wall.Add(row.wall)}
		if got := l.stepped(at); got != row.want {
			t.Errorf("after %s on one clock and %s on the other: %s, want %s", row.mono, row.wall, got, row.want)
		}
	}
}
