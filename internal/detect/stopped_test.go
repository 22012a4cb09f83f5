package detect

import (
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/sampling"
)

// TestStoppedIsToldAtOnce: all of an agent, or its first process, at the second look; another
// process after a while; never what we hold ourselves.
func TestStoppedIsToldAtOnce(t *testing.T) {
	const first, second = 4194301, 4194302 // above what any host gives out
	for name, c := range map[string]struct {
		halted []int
		held   bool
		raised time.Duration
	}{
		"all":        {[]int{first, second}, false, time.Second},
		"the first":  {[]int{first}, false, time.Second},
		"a child":    {[]int{second}, false, 10 * time.Second},
		"held by us": {[]int{first, second}, true, 0},
		"nobody":     {nil, false, 0},
	} {
		s := &stopped{}
		raised := raisedAfter(s, sample{held: c.held, usage: sampling.Usage{Processes: 2, Eldest: first, Halted: c.halted}})
		if raised != c.raised {
			t.Errorf("%s: raised after %s, want %s", name, raised, c.raised)
		}
		if f := s.look(sample{at: 2 * time.Hour, usage: sampling.Usage{Processes: 2}}); f.bad {
			t.Errorf("%s: it is not over when it goes on", name)
		}
	}
}

// raisedAfter looks once a second, and says after how long it was told of the right cause.
func raisedAfter(s *stopped, m sample) time.Duration {
	for at := time.Duration(0); at <= 20*time.Second; at += time.Second {
		m.at = time.Hour + at
		if f := s.look(m); f.bad && f.vote.Cause == heal.Stopped && strings.Contains(f.text, "stopped") {
			return at
		}
	}
	return 0
}

func TestPromptsAreToldFromProgress(t *testing.T) {
	for line, want := range map[string]bool{
		"approve? [y/N]": true, "Password:": true, "Do you want to continue?": true, "sudo password for root: ": true, ">>> ": true,
		"? Select a model ›": true, "Press enter to go on": true, "Overwrite (y/n)": true,
		"downloading 45 %": false, "working...": false, "compiled 12 of 30": false, "|======    |": false,
	} {
		if got := prompts().MatchString(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}
