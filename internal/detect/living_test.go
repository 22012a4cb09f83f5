package detect

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/classify"
	"healer-sidecar/internal/corpus"
	"healer-sidecar/internal/heal"
)

const (
	// calledWithin is how soon people must be called to a living failure, leastCalled the share of such
	// failures of which they must be.
	calledWithin, leastCalled = 60 * time.Second, 0.9
	// passes is how often what a healthy program printed is replayed in one run.
	passes = 20
	// mostCalling is how many programs may call that print lists of error names and the like.
	mostCalling = 4
)

// listener hears the output of one program as a detector does.
type listener struct {
	a       Agent
	scratch classify.Scratch
	calls   []string
	first   time.Duration
	now     time.Time
}

// listen plays what a program printed, some times in a row, and notes what people would be called for.
func listen(c *classify.Classifier, r corpus.Timed, times int) *listener {
	l := &listener{a: Agent{classifier: c}}
	began := time.Unix(1_000_000, 0)
	l.now = began
	for range times {
		for i := 0; i < len(r.Lines); {
			at, text := r.Lines[i].At, ""
			for ; i < len(r.Lines) && r.Lines[i].At < at+20*time.Millisecond; i++ {
				text += r.Lines[i].Text + "\n"
			}
			l.until(began, at)
			l.block([]byte(text), began.Add(at))
		}
		l.until(began, r.Length)
		began = began.Add(r.Length)
	}
	return l
}

func (l *listener) block(text []byte, now time.Time) {
	l.a.classifier.Block(text, &l.scratch, func(bool) bool { return true }, func(line []byte, m heal.Match) {
		l.a.unresolved.Flag(m, templateOf(line), line, string(line))
	})
	l.a.wording = bucket{}
	l.a.unresolved.Printed(text, l.a.doubt, now)
	l.now = now
}

// until lets time pass.
func (l *listener) until(began time.Time, at time.Duration) {
	for now := l.now; now.Before(began.Add(at)); now = now.Add(doubtEvery) {
		if why := l.a.unresolved.Verdict(now); why != "" {
			if len(l.calls) == 0 {
				l.first = now.Sub(began)
			}
			_, text, _ := l.a.unresolved.Latest()
			l.calls = append(l.calls, why+": "+strings.TrimSpace(text))
		}
	}
	l.now = began.Add(at)
}

// TestLivingPrograms replays what real programs printed while they lived, at its own pace: those that
// failed must be called in time, those that were well not at all.
func TestLivingPrograms(t *testing.T) {
	all, err := corpus.ReadTimed(filepath.Join("..", "..", "corpus", "living"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	c, err := classify.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Warm()
	failing, called, hours := 0, 0, 0.0
	for _, r := range all {
		if !r.Failing {
			l := listen(c, r, passes)
			if hours += passes * r.Length.Hours(); len(l.calls) > 0 {
				t.Errorf("%s is well: called %d times in %d passes, after %s: %s", r.Name, len(l.calls), passes, l.first, l.calls[0])
			}
			continue
		}
		l := listen(c, r, 1)
		failing++
		after := l.first - r.From
		switch {
		case len(l.calls) == 0:
			t.Logf("%-26s not called", r.Name)
		case after > calledWithin || after < 0:
			t.Logf("%-26s called after %s: too late, or too early: %s", r.Name, after, l.calls[0])
		default:
			called++
			t.Logf("%-26s called after %5.1f s: %s", r.Name, after.Seconds(), l.calls[0])
		}
	}
	share := float64(called) / float64(max(failing, 1))
	t.Logf("living failures called within %s: %.3f (%d of %d); %.1f agent-hours that were well", calledWithin, share, called, failing, hours)
	if share < leastCalled {
		t.Errorf("recall is %.3f: at least %.2f is wanted", share, leastCalled)
	}
}

// TestHealthyStreamsAtAnyPace replays what healthy programs print, which was chosen to look like failures, as
// if it came from agents that live for long.
func TestHealthyStreamsAtAnyPace(t *testing.T) {
	streams, err := corpus.Streams(filepath.Join("..", "..", "corpus", "streams"))
	if err != nil || len(streams) == 0 {
		t.Fatalf("no healthy streams: %v", err)
	}
	c, err := classify.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	calls, hours, called := 0, 0.0, map[string]bool{}
	for _, s := range streams {
		for _, pace := range []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second} {
			r := corpus.Timed{Name: s.Name, Length: pace * time.Duration(len(s.Lines))}
			for i, line := range s.Lines {
				r.Lines = append(r.Lines, corpus.TimedLine{At: pace * time.Duration(i), Text: line})
			}
			l := listen(c, r, 3)
			if hours += 3 * r.Length.Hours(); len(l.calls) > 0 {
				calls, called[s.Program()] = calls+len(l.calls), true
				t.Logf("%s, a line in %s: %d calls: %s", s.Name, pace, len(l.calls), l.calls[0])
			}
		}
	}
	t.Logf("%d calls of %d programs in %.0f agent-hours", calls, len(called), hours)
	if len(called) > mostCalling {
		t.Errorf("people are called for %d programs that are well: at most %d", len(called), mostCalling)
	}
}
