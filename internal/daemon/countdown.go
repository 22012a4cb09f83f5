package daemon

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/logging"
)

// sayEvery is how often a wait is told of where there is no terminal to show it on.
const sayEvery = time.Minute

// leastShown is the shortest wait that is counted down.
const leastShown = 3 * time.Second

// countdown shows a person at a wrapped command how long it waits before the next try, and how
// long it will go on trying: on a terminal as a line that changes, elsewhere now and then.
type countdown struct {
	log      *logging.Log
	terminal bool
	patience func(agent string) time.Duration

	mu sync.Mutex // guards everything below
	// until is when the next try is due, opened when the incident began, told when it was
	// said last.
	until, opened, told time.Time
	diag                *heal.Diagnosis
	agent               string
}

func newCountdown(log *logging.Log, err io.Writer, patience func(agent string) time.Duration) *countdown {
	return &countdown{log: log, terminal: isTerminal(err), patience: patience}
}

// note takes one event into account.
func (c *countdown) note(e heal.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Kind {
	case heal.EventOpened:
		c.opened = e.At.Wall
	case heal.EventDiagnosed:
		c.diag = e.Diag
	case heal.EventPlanned:
		c.until = time.Time{}
		if e.Plan.Delay >= leastShown {
			c.until, c.told, c.agent = e.At.Wall.Add(e.Plan.Delay), e.At.Wall, e.Agent
		}
	case heal.EventAttempt, heal.EventStarted, heal.EventClosed, heal.EventGaveUp, heal.EventSidecarStopped:
		c.until = time.Time{}
		c.log.Show("")
	}
}

// run shows what is waited for until the context ends.
func (c *countdown) run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case at := <-tick.C:
			c.show(at)
		case <-ctx.Done():
			c.log.Show("")
			return
		}
	}
}

func (c *countdown) show(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := c.until.Sub(now)
	switch {
	case c.until.IsZero() || left <= 0:
	case c.terminal:
		c.log.Show(c.line(now, left))
	case now.Sub(c.told) >= sayEvery:
		c.told = now
		c.log.Say(c.line(now, left))
	}
}

// causeWords say why an agent waits.
var causeWords = map[heal.Cause]string{
	heal.RateLimit: "rate limit", heal.Overload: "service overloaded", heal.Quota: "usage limit", heal.Outage: "service does not answer",
	heal.Busy: "in use by another process",
}

func (c *countdown) line(now time.Time, left time.Duration) string {
	said := fmt.Sprintf("%s: next attempt in %s", c.agent, clock(left))
	if c.diag == nil {
		return said
	}
	why, known := causeWords[c.diag.Cause]
	if !known {
		why = strings.ReplaceAll(string(c.diag.Type), "_", " ")
	}
	said += " (" + why
	if end := c.opened.Add(c.patience(c.agent)); known && c.diag.Cause != heal.Busy && end.After(now) {
		said += ", giving up in " + clock(end.Sub(now))
	}
	return said + ")"
}

// clock writes a time as a clock that runs down does.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
