package daemon

import (
	"context"
	"sync"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

const (
	// recentPoints are kept for each second, dayPoints for each minute.
	recentPoints, dayPoints  = 600, 24 * 60
	everySecond, everyMinute = time.Second, time.Minute
)

// track is a ring of readings at equal intervals.
type track struct {
	memory, cpu []float32
	next, size  int
}

func newTrack(points int) *track {
	return &track{memory: make([]float32, points), cpu: make([]float32, points)}
}

// add takes the next reading; negative for one that is not known.
func (t *track) add(memory, cpu float32) {
	t.memory[t.next], t.cpu[t.next] = memory, cpu
	t.next = (t.next + 1) % len(t.memory)
	t.size = min(t.size+1, len(t.memory))
}

func (t *track) series(end time.Time, step time.Duration) heal.Series {
	s := heal.Series{End: end, Step: int(step / time.Second)}
	for i := range t.size {
		at := (t.next - t.size + i + len(t.memory)) % len(t.memory)
		s.Memory, s.CPU = append(s.Memory, point(t.memory[at])), append(s.CPU, point(t.cpu[at]))
	}
	return s
}

func point(v float32) *float64 {
	if v < 0 {
		return nil
	}
	f := float64(v)
	return &f
}

// minute gathers the readings of one minute: the most memory, the mean of the processor.
type minute struct {
	memory, cpu float32
	readings    int
}

// history keeps what agents used over the last day.
type history struct {
	mu          sync.Mutex // guards all below
	recent, day map[string]*track
	gathering   map[string]*minute
	seconds     int
	now, minute time.Time
}

func newHistory() *history {
	return &history{recent: map[string]*track{}, day: map[string]*track{}, gathering: map[string]*minute{}}
}

// run reads every second until the context ends.
func (h *history) run(ctx context.Context, agents func() []string, usage func(string) (sampling.Usage, bool)) {
	tick := time.NewTicker(everySecond)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			h.take(now, agents(), usage)
		case <-ctx.Done():
			return
		}
	}
}

func (h *history) take(now time.Time, agents []string, usage func(string) (sampling.Usage, bool)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = now
	h.seconds++
	full := h.seconds%int(everyMinute/everySecond) == 0
	if full {
		h.minute = now
	}
	for _, agent := range agents {
		if h.recent[agent] == nil {
			h.recent[agent], h.day[agent], h.gathering[agent] = newTrack(recentPoints), newTrack(dayPoints), &minute{}
		}
		memory, cpu := float32(-1), float32(-1)
		if u, known := usage(agent); known && u.Memory != nil {
			memory, cpu = float32(*u.Memory), 0
			if u.CPU != nil {
				cpu = float32(*u.CPU)
			}
		}
		h.recent[agent].add(memory, cpu)
		g := h.gathering[agent]
		if memory >= 0 {
			g.memory, g.cpu, g.readings = max(g.memory, memory), g.cpu+cpu, g.readings+1
		}
		if full {
			h.day[agent].add(g.sum())
			*g = minute{}
		}
	}
}

func (g *minute) sum() (memory, cpu float32) {
	if g.readings == 0 {
		return -1, -1
	}
	return g.memory, g.cpu / float32(g.readings)
}

// of is the history of one agent.
func (h *history) of(agent string) heal.History {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recent[agent] == nil {
		return heal.History{}
	}
	return heal.History{Recent: h.recent[agent].series(h.now, everySecond), Day: h.day[agent].series(h.minute, everyMinute)}
}
