package engine

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"healer-sidecar/internal/heal"
)

// mailbox bounds how many messages may wait. Senders block when it is full:
// detectors read files, so nothing is lost by waiting.
const mailbox = 1024

const (
	// leastStep is the move of the wall clock that is worth a note.
	leastStep = time.Second
	// clockEvery is how often the two clocks are compared when nothing happens.
	clockEvery = 2 * time.Second
)

// Loop is the only impure part of the engine. It owns the core, its timers, and
// the order in which effects are performed.
type Loop struct {
	core     *Core
	journal  Journal
	executor Executor
	// Fleet takes questions to other hosts; nil for none. It is set before Run.
	Fleet Asks
	// observe is told every event after it was recorded and acted upon.
	observe func([]heal.Event)
	in      chan any
	timers  map[Timer]*time.Timer
	// base is the moment at which the loop's own clock stood at started.
	base    heal.Stamp
	started time.Time
	// last is when the last message was taken, swept when the loop last swept.
	last  heal.Stamp
	swept time.Time
	// failure is why the journal takes nothing, told what the core knows of that.
	failure, told string
}

// question is a function to be run between two steps.
type question struct {
	ask  func(*Core)
	done chan struct{}
}

// NewLoop returns a loop that is ready to Run. now is the present moment.
func NewLoop(core *Core, journal Journal, executor Executor, now heal.Stamp, observe func([]heal.Event)) *Loop {
	return &Loop{
		core: core, journal: journal, executor: executor, observe: observe,
		in: make(chan any, mailbox), timers: map[Timer]*time.Timer{}, base: now, last: now, started: time.Now(),
	}
}

// Now is the loop's clock: monotonic from its base, and the wall clock as it is now.
func (l *Loop) Now() heal.Stamp {
	return heal.Stamp{Mono: l.base.Mono + time.Since(l.started), Wall: time.Now()}
}

// stepped reports by how much the wall clock was moved since the last call; zero
// while it only runs. No interval depends on it; people who read times do.
func (l *Loop) stepped(now heal.Stamp) time.Duration {
	moved := now.Wall.Round(0).Sub(l.last.Wall.Round(0)) - now.Sub(l.last)
	l.last = now
	if moved.Abs() < leastStep {
		return 0
	}
	return moved
}

// Post hands a message to the loop. It is safe from any goroutine.
func (l *Loop) Post(ctx context.Context, m Message) {
	select {
	case l.in <- m:
	case <-ctx.Done():
	}
}

// Ask runs a function between two steps and waits for it. It reports false when
// the context ended first.
func (l *Loop) Ask(ctx context.Context, ask func(*Core)) bool {
	q := question{ask, make(chan struct{})}
	select {
	case l.in <- q:
	case <-ctx.Done():
		return false
	}
	select {
	case <-q.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// Run takes messages until the context ends.
func (l *Loop) Run(ctx context.Context) {
	defer l.stopTimers()
	clocks := time.NewTicker(clockEvery)
	defer clocks.Stop()
	for {
		select {
		case m := <-l.in:
			l.take(ctx, m)
		case due := <-clocks.C:
			l.compareClocks(ctx, l.Now())
			l.sweep(ctx, due)
		case <-ctx.Done():
			return
		}
	}
}

// sweep tells the core that time has passed, and how late that is: the ticker was due
// before, or should have come earlier.
func (l *Loop) sweep(ctx context.Context, due time.Time) {
	now := time.Now()
	lag := now.Sub(due)
	if !l.swept.IsZero() {
		lag = max(lag, now.Sub(l.swept)-clockEvery)
	}
	l.swept = now
	if l.failure != "" {
		l.note(l.journal.Sync()) // the disk may take again what is kept
	}
	l.step(ctx, l.Now(), Swept{Lag: max(lag, 0)})
}

func (l *Loop) take(ctx context.Context, m any) {
	switch m := m.(type) {
	case question:
		m.ask(l.core)
		close(m.done)
	case Message:
		now := l.Now()
		l.compareClocks(ctx, now)
		l.step(ctx, now, m)
	}
}

// compareClocks notes a move of the wall clock.
func (l *Loop) compareClocks(ctx context.Context, now heal.Stamp) {
	if moved := l.stepped(now); moved != 0 {
		l.step(ctx, now, Noted{Note: fmt.Sprintf("clock_stepped: the wall clock was moved by %s", moved.Round(time.Millisecond))})
	}
}

// step gives the core a message and performs what it wants.
func (l *Loop) step(ctx context.Context, now heal.Stamp, m Message) {
	effects := l.core.Step(now, m)
	for _, e := range effects {
		l.perform(ctx, e)
	}
	for _, e := range effects {
		if r, ok := e.(Record); ok {
			l.observe(r.Events)
		}
	}
	if l.journal.Full() {
		l.note(l.journal.Compact(l.core.ledger))
	}
	if l.failure != l.told {
		l.told = l.failure
		l.step(ctx, now, JournalState{Failure: l.failure})
	}
}

// perform does one effect. A journal that takes nothing does not stop healing;
// the core is told and refuses what needs a durable intent.
func (l *Loop) perform(ctx context.Context, e Effect) {
	switch e := e.(type) {
	case Record:
		l.record(e)
	case Sync:
		runtime.Gosched() // the act that is under way goes first
		l.note(l.journal.Sync())
	case Act:
		l.executor.Do(e.Attempt)
	case Cancel:
		l.executor.Cancel(e.Attempt)
	case Refuse:
		l.executor.Refuse(e.Attempt, e.Why)
	case AskFleet:
		if l.Fleet != nil {
			l.Fleet.Ask(e.Ask)
		}
	case WakeAt:
		l.wake(ctx, e)
	}
}

func (l *Loop) record(r Record) {
	l.note(l.journal.Append(r.Events, r.Durable))
}

// note keeps whether the journal takes what it is given; the core is told after the step.
func (l *Loop) note(err error) {
	failure := ""
	if err != nil {
		failure = err.Error()
	}
	l.failure = failure
}

// wake sets a timer anew.
func (l *Loop) wake(ctx context.Context, w WakeAt) {
	if t := l.timers[w.Timer]; t != nil {
		t.Stop()
	}
	l.timers[w.Timer] = time.AfterFunc(max(w.At.Sub(l.Now()), 0), func() {
		l.Post(ctx, TimerDue{Timer: w.Timer, Gen: w.Gen})
	})
}

func (l *Loop) stopTimers() {
	for _, t := range l.timers {
		t.Stop()
	}
}
