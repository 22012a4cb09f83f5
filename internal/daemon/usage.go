package daemon

import (
	"context"
	"sync"
	"time"

	"healer-sidecar/internal/engine"
	"healer-sidecar/internal/heal"
)

const (
	// tellUsage is how long usage is gathered before the engine is told: a loop that spends money is
	// stopped soon, and a busy agent does not fill the journal.
	tellUsage = 200 * time.Millisecond
	// maxGathered bounds how many different usages of an agent are gathered.
	maxGathered = 256
)

// till gathers what agents use. Adding to it never waits.
type till struct {
	tell func(agent string, u heal.Usage)

	mu      sync.Mutex // guards everything below
	waiting map[string][]heal.Usage
	timer   *time.Timer
}

func newTill(ctx context.Context, post func(context.Context, engine.Message)) *till {
	return &till{
		waiting: map[string][]heal.Usage{},
		tell:    func(agent string, u heal.Usage) { post(ctx, engine.Used{Agent: agent, Usage: u}) },
	}
}

// openSink makes what detectors tell, and what agents use, reach the engine, and shows people waits.
func (s *sidecar) openSink(ctx context.Context, o Options) {
	s.waiting = newCountdown(s.log, o.Err, func(agent string) time.Duration {
		a, _ := s.policyOf(agent)
		return a.Heal.GiveUpAfter
	})
	s.till = newTill(ctx, s.loop.Post)
	s.sink = &sink{ctx: ctx, post: s.loop.Post, final: s.final, used: s.till.add}
}

// add takes a usage in.
func (t *till) add(agent string, u heal.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		t.timer = time.AfterFunc(tellUsage, t.flush)
	}
	all := t.waiting[agent]
	for i := range all {
		o := &all[i]
		same := o.Run == u.Run && o.Source == u.Source && o.Process == u.Process && o.Via == u.Via
		if same && (o.Model == u.Model || len(all) >= maxGathered) {
			o.Tokens, o.Cost = o.Tokens.Plus(u.Tokens), o.Cost+u.Cost
			o.Marks = joined(o.Marks, u.Marks)
			return
		}
	}
	t.waiting[agent] = append(all, u)
}

func joined(a, b map[string]float64) map[string]float64 {
	if a == nil {
		return b
	}
	for series, v := range b {
		a[series] = v
	}
	return a
}

// flush tells the engine what was gathered.
func (t *till) flush() {
	t.mu.Lock()
	all := t.waiting
	t.waiting, t.timer = map[string][]heal.Usage{}, nil
	t.mu.Unlock()
	for agent, usages := range all {
		for _, u := range usages {
			t.tell(agent, u)
		}
	}
}
