package daemon

import (
	"testing"

	"healer-sidecar/internal/compile"
	"healer-sidecar/internal/config"
	"healer-sidecar/internal/heal"
)

// TestTheCodeNeverHidesAFailure: the code is the agent's last, and never 0 when it did not
// succeed.
func TestTheCodeNeverHidesAFailure(t *testing.T) {
	started := heal.Event{Kind: heal.EventStarted, Agent: "a"}
	end := func(kind heal.EventKind, e heal.Exit) heal.Event { return heal.Event{Kind: kind, Agent: "a", Exit: &e} }
	gaveUp := heal.Event{Kind: heal.EventGaveUp, Agent: "a"}
	for name, c := range map[string]struct {
		events []heal.Event
		want   int
	}{
		"never ran":          {nil, 1},
		"success":            {[]heal.Event{started, end(heal.EventFinished, heal.Exit{})}, 0},
		"its own code":       {[]heal.Event{started, end(heal.EventExited, heal.Exit{Code: 7}), gaveUp}, 7},
		"the last of two":    {[]heal.Event{started, end(heal.EventExited, heal.Exit{Code: 7}), started, end(heal.EventFinished, heal.Exit{})}, 0},
		"failed with code 0": {[]heal.Event{started, end(heal.EventExited, heal.Exit{Unfinished: true}), gaveUp}, 1},
		"signal":             {[]heal.Event{started, end(heal.EventExited, heal.Exit{Signal: "SIGSEGV"}), gaveUp}, 139},
		"not found":          {[]heal.Event{end(heal.EventExited, heal.Exit{Errno: "ENOENT"}), gaveUp}, 127},
		"told to end":        {[]heal.Event{started, end(heal.EventExited, heal.Exit{})}, 0},
	} {
		p := newProgress([]compile.Agent{{Agent: config.Agent{Name: "a"}}}, false)
		for _, e := range c.events {
			p.note(e)
		}
		if got := p.code(); got != c.want {
			t.Errorf("%s: code %d, want %d", name, got, c.want)
		}
	}
}
