package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

const grace = 10 * time.Second

// perform runs a test in a bubble, with one agent on a stage.
func perform(t *testing.T, act func(*testing.T, *Supervisor, *stage)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		host := &stage{}
		s := New([]config.Agent{{Name: "a", Stop: config.Stop{Signal: "SIGTERM", Grace: grace}}}, host, host)
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		act(t, s, host)
		end()
		<-done
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStopWaitsForTheWholeSet(t *testing.T) {
	perform(t, func(t *testing.T, s *Supervisor, host *stage) {
		must(t, s.Start(t.Context(), "a"))
		host.turn(true, false)
		begun := time.Now()
		must(t, s.Stop(t.Context(), "a"))
		if took := time.Since(begun); took < grace || took > grace+time.Second {
			t.Errorf("KILL came after %s: want the grace of %s", took, grace)
		}
		if host.alive() != 0 || !host.last().closed {
			t.Error("something of the run is left")
		}
		if want := []string{"started 1", "ended as ordered 1"}; !slices.Equal(host.told(), want) {
			t.Errorf("told %v: want %v", host.told(), want)
		}
	})
}

func TestStartWaitsUntilWhatTheLeaderLeftIsGone(t *testing.T) {
	perform(t, func(t *testing.T, s *Supervisor, host *stage) {
		must(t, s.Start(t.Context(), "a"))
		host.turn(true, false)
		host.last().end(heal.Exit{Code: 1}, 3)
		synctest.Wait()
		started := make(chan error, 1)
		go func() { started <- s.Start(t.Context(), "a") }()
		time.Sleep(grace / 2)
		if host.count() != 1 {
			t.Fatal("a second copy was started while the first was not empty")
		}
		must(t, <-started)
		if host.count() != 2 || host.alive() != 1 {
			t.Errorf("%d runs, %d alive", host.count(), host.alive())
		}
		if want := []string{"started 1", "ended 1", "started 2"}; !slices.Equal(host.told(), want) {
			t.Errorf("told %v: want %v", host.told(), want)
		}
	})
}

func TestNothingIsStartedOverWhatCannotBeKilled(t *testing.T) {
	perform(t, func(t *testing.T, s *Supervisor, host *stage) {
		must(t, s.Start(t.Context(), "a"))
		host.turn(true, true)
		if err := s.Stop(t.Context(), "a"); !errors.Is(err, ErrUnkillable) {
			t.Errorf("stop answered %v", err)
		}
		if err := s.Start(t.Context(), "a"); !errors.Is(err, ErrUnkillable) {
			t.Errorf("start answered %v", err)
		}
		if got := s.Status("a").State; got != "unkillable" {
			t.Errorf("status is %s", got)
		}
		host.turn(true, false)
		must(t, host.last().Kill())
		time.Sleep(time.Second)
		must(t, s.Start(t.Context(), "a"))
		if host.alive() != 1 {
			t.Errorf("%d runs are alive", host.alive())
		}
	})
}

func TestStartThatWasCalledOffRunsNothing(t *testing.T) {
	perform(t, func(t *testing.T, s *Supervisor, host *stage) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Start(ctx, "a"); err == nil || host.count() != 0 {
			t.Errorf("answered %v and made %d runs", err, host.count())
		}
		synctest.Wait()
		if got := s.Status("a").State; got != "down" {
			t.Errorf("status is %s", got)
		}
	})
}

func TestARunThatCannotBeBegunIsAFailure(t *testing.T) {
	perform(t, func(t *testing.T, s *Supervisor, host *stage) {
		host.refused = fmt.Errorf("cannot make run directory: %w", syscall.ENOSPC)
		if err := s.Start(t.Context(), "a"); !errors.Is(err, host.refused) {
			t.Errorf("got %v", err)
		}
		if want := []string{"ended 1"}; !slices.Equal(host.told(), want) {
			t.Errorf("told %v: want %v", host.told(), want)
		}
		if exit := s.Status("a").LastExit; exit == nil || exit.Errno != "ENOSPC" {
			t.Errorf("the last exit is %+v", exit)
		}
	})
}

func TestCommandsMeetOneAnother(t *testing.T) {
	perform(t, func(t *testing.T, s *Supervisor, host *stage) {
		for i := range 8 {
			go func() {
				for range 20 {
					if i%2 == 0 {
						_ = s.Start(context.Background(), "a")
					} else {
						_ = s.Stop(context.Background(), "a")
					}
					if n := host.alive(); n > 1 {
						t.Errorf("%d copies are alive", n)
					}
				}
			}()
		}
		time.Sleep(time.Hour)
		must(t, s.Stop(t.Context(), "a"))
		if host.alive() != 0 {
			t.Error("a copy is left")
		}
	})
}

func TestBerthIsMadeAheadAndGivenBack(t *testing.T) {
	host := &stage{}
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		s := New([]config.Agent{{Name: "a", Stop: config.DefaultStop}}, host, host)
		go s.Run(ctx)
		must(t, s.Start(t.Context(), "a"))
		time.Sleep(time.Second)
		end()
		synctest.Wait()
	})
	if host.discarded != 1 {
		t.Errorf("%d berths were given back: want the one that was made ahead", host.discarded)
	}
}

// TestBerthsAreMadeAheadWhenNobodyStarts: many agents that start one after another come first.
func TestBerthsAreMadeAheadWhenNobodyStarts(t *testing.T) {
	host := &stage{}
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		var agents []config.Agent
		for i := range 10 {
			agents = append(agents, config.Agent{Name: string(rune('a' + i)), Stop: config.DefaultStop})
		}
		s := New(agents, host, host)
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		for _, a := range agents {
			must(t, s.Start(t.Context(), a.Name))
			time.Sleep(prepareAfter * 4 / 5)
		}
		if n := host.prepares(); n != len(agents) {
			t.Errorf("%d berths were made while agents started, for %d of them", n, len(agents))
		}
		time.Sleep(2 * prepareAfter)
		if n := host.prepares(); n != 2*len(agents) {
			t.Errorf("%d berths were made in the end", n)
		}
		end()
		<-done
	})
}

// TestAnAgentMayBringItsWorkToAnEnd, in its own time, and is ended after that.
func TestAnAgentMayBringItsWorkToAnEnd(t *testing.T) {
	for name, c := range map[string]struct {
		slow bool
		sig  syscall.Signal
		took time.Duration
	}{"it does": {took: 0}, "it does not": {slow: true, took: time.Minute}, "nobody waits for it": {slow: true, sig: syscall.SIGINT, took: 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, end := context.WithCancel(t.Context())
				defer end()
				host := &stage{slow: c.slow}
				s := New([]config.Agent{{Name: "a", Stop: config.Stop{Signal: "SIGTERM", Grace: grace, Drain: "SIGUSR2", DrainFor: time.Minute}}}, host, host)
				go s.Run(ctx)
				must(t, s.Start(t.Context(), "a"))
				begun := time.Now()
				must(t, s.StopBy(t.Context(), "a", c.sig))
				if took := time.Since(begun); took < c.took || took > c.took+time.Second {
					t.Errorf("it took %s: want %s", took, c.took)
				}
				if want := []string{"started 1", "ended as ordered 1"}; !slices.Equal(host.told(), want) || host.alive() != 0 {
					t.Errorf("told %v: want %v", host.told(), want)
				}
			})
		})
	}
}

// TestTable holds what must be true of every cell, whatever else changes.
func TestTable(t *testing.T) {
	for from := range states {
		for e := range events {
			c := table[from][e]
			if c.do == launch && from != down {
				t.Errorf("%s may launch: a second copy", from)
			}
			if c.next == down && c.do != settle && from != down {
				t.Errorf("%s leads down by %d without the proof that the set is empty", from, c.do)
			}
			if c.do == settle && e != setEmpty {
				t.Errorf("%s settles at event %d", from, e)
			}
			answered := c.do != ignore && c.do != note
			if (e == wantStart || e == wantStop || e == wantDrain) && !answered {
				t.Errorf("%s leaves a command without an answer", from)
			}
		}
	}
}
