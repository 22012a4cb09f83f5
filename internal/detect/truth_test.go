package detect

import (
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// program is a synthetic agent: what a look at it shows in its n-th second.
type program struct {
	name string
	// bad are the kinds that must find it; no other may.
	bad  []string
	look func(n int, s *scene)
}

// scene is what the program does in one second.
type scene struct {
	cpu          float64
	io           float64
	prints       bool
	members      int
	youngest     uint64
	blocked      int
	beats, marks bool
	leased       bool
}

const (
	seconds = 400
	limit   = 60 * time.Second
	hz      = 100
)

func programs() []program {
	steady := func(n int, s *scene) { s.cpu, s.prints, s.io = 10, n%2 == 0, 4096 }
	until := func(stop int, after func(int, *scene)) func(int, *scene) {
		return func(n int, s *scene) {
			if n < stop {
				steady(n, s)
				return
			}
			after(n, s)
		}
	}
	nothing := func(int, *scene) {}
	return []program{
		{"works and prints", nil, steady},
		{"compiles for long without a word", nil, until(100, func(_ int, s *scene) { s.cpu, s.io, s.members = 95, 1e6, 5 })},
		{"waits for a tool that sleeps", nil, until(100, func(_ int, s *scene) { s.members, s.youngest = 2, 100*hz })},
		{"copies without a word", nil, until(100, func(_ int, s *scene) { s.cpu, s.io = 3, 1e7 })},
		{"took a lease", nil, until(100, func(_ int, s *scene) { s.leased = true })},
		{"runs one child after the other", nil, until(100, func(n int, s *scene) { s.members, s.youngest = 2, uint64(n)*hz })},
		{"answers now and then", nil, func(n int, s *scene) { s.prints, s.io = n%50 == 0, map[bool]float64{true: 4096}[n%50 == 0] }},
		{"computes with marks of progress", nil, until(100, func(n int, s *scene) { s.cpu, s.marks, s.beats = 100, n%20 == 0, true })},
		{"stops dead after steady output", []string{"silence", "hang"}, until(100, nothing)},
		{"never says or does anything", []string{"silence"}, nothing},
		{"spins", []string{"spin"}, until(100, func(_ int, s *scene) { s.cpu = 100 })},
		{"spins on a shared core", []string{"spin"}, until(100, func(n int, s *scene) { s.cpu = 65 + float64(n%30) })},
		{"spins and feeds a timer", []string{"spin"}, until(100, func(_ int, s *scene) { s.cpu, s.beats = 100, true })},
		{"is blocked in the kernel", []string{"silence", "hang"}, until(100, func(_ int, s *scene) { s.blocked = 1 })},
		{"polls a little, forever", []string{"silence", "hang"}, until(100, func(_ int, s *scene) { s.cpu, s.io = 0.3, 60 })},
	}
}

// TestBehaviourTruthTable prints which kinds find which program, and after how long.
func TestBehaviourTruthTable(t *testing.T) {
	kinds := map[string]func(*behaviour, sample) (finding, bool){"silence": silent, "hang": stalled, "spin": spinning}
	for _, p := range programs() {
		for _, kind := range []string{"silence", "hang", "spin"} {
			found := foundAt(p, kinds[kind])
			want := false
			for _, k := range p.bad {
				want = want || k == kind
			}
			if found > 0 {
				t.Logf("%-36s %-8s after %d s", p.name, kind, found)
			}
			if (found > 0) != want {
				t.Errorf("%s: %s found it after %d s", p.name, kind, found)
			}
		}
	}
}

// foundAt is the second in which a check finds the program, or 0.
func foundAt(p program, bad func(*behaviour, sample) (finding, bool)) int {
	b := &behaviour{limit: limit, bad: bad}
	var io float64
	var w selfReport
	printed := time.Duration(0)
	for n := 1; n <= seconds; n++ {
		at := time.Duration(n) * time.Second
		s := scene{members: 1, youngest: 1}
		p.look(n, &s)
		io += s.io
		if s.prints {
			printed = at
		}
		if s.beats {
			w.beat = at
		}
		if s.marks {
			w.marked = at
		}
		if w.busyUntil = 0; s.leased {
			w.busyUntil = at + time.Minute
		}
		m := sample{at: at, up: at, quiet: at - printed, word: w, usage: sampling.Usage{
			CPU: &s.cpu, IO: value(io), Processes: s.members, Youngest: s.youngest, Blocked: s.blocked,
		}}
		if b.look(m).bad {
			return n
		}
	}
	return 0
}

func TestHeartbeatNeedsProgressWhereThatIsAsked(t *testing.T) {
	for _, row := range []struct {
		name string
		h    heartbeat
		w    selfReport
		up   time.Duration
		bad  bool
	}{
		{"fresh", heartbeat{missing: 10 * time.Second}, selfReport{beat: 95 * time.Second}, 100 * time.Second, false},
		{"late", heartbeat{missing: 10 * time.Second}, selfReport{beat: 89 * time.Second}, 100 * time.Second, true},
		{"a timer without progress", heartbeat{missing: 10 * time.Second, progress: true}, selfReport{beat: 99 * time.Second, marked: 20 * time.Second}, 100 * time.Second, true},
		{"still starting", heartbeat{missing: 10 * time.Second, startup: time.Minute}, selfReport{}, 50 * time.Second, false},
		{"never started", heartbeat{missing: 10 * time.Second, startup: time.Minute}, selfReport{}, 61 * time.Second, true},
		{"leased", heartbeat{missing: 10 * time.Second}, selfReport{beat: time.Second, busyUntil: 200 * time.Second}, 100 * time.Second, false},
	} {
		f := row.h.look(sample{up: row.up, word: row.w})
		if f.bad != row.bad {
			t.Errorf("%s: bad is %v", row.name, f.bad)
		}
		if f.bad && f.vote.Type != heal.ExecutionFailure {
			t.Errorf("%s: votes for %s", row.name, f.vote.Type)
		}
	}
}
