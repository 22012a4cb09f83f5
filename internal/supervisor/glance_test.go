package supervisor

import (
	"testing"
	"testing/synctest"
	"time"

	"healer-sidecar/internal/heal"
)

// TestAnOOMKillIsProvenOnlyForTheEndThatItCaused: one that was long ago, and one of a run that we
// have ended ourselves, are not the cause.
func TestAnOOMKillIsProvenOnlyForTheEndThatItCaused(t *testing.T) {
	for name, c := range map[string]struct {
		end  heal.Exit
		kill bool
		// before is how long before the end the kill came.
		before  time.Duration
		ordered bool
		oom     bool
	}{
		"a child was killed, and its parent gave up": {end: heal.Exit{Code: 1}, kill: true, before: 2 * time.Second, oom: true},
		"the leader was killed in the first moment":  {end: heal.Exit{Signal: "SIGKILL"}, kill: true, oom: true},
		"an hour passed":     {end: heal.Exit{Code: 1}, kill: true, before: time.Hour},
		"it was stopped":     {kill: true, before: time.Second, ordered: true},
		"it ended well":      {end: heal.Exit{}, kill: true},
		"nothing was killed": {end: heal.Exit{Code: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			perform(t, func(t *testing.T, s *Supervisor, host *stage) {
				must(t, s.Start(t.Context(), "a"))
				if c.kill {
					host.last().loseTo(1)
				}
				time.Sleep(c.before)
				if c.ordered {
					must(t, s.Stop(t.Context(), "a"))
				} else {
					host.last().end(c.end, 0)
				}
				synctest.Wait()
				if len(host.exits) != 1 || host.exits[0].OOM != c.oom {
					t.Errorf("ends %+v, want OOM %v", host.exits, c.oom)
				}
			})
		})
	}
}
