package supervisor

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"

	"healer-sidecar/internal/heal"
)

// TestASuccessorIsFollowed: one that a leader hands over to when it ends well is the next run; any
// other end is the end of the run.
func TestASuccessorIsFollowed(t *testing.T) {
	for name, c := range map[string]struct {
		end  heal.Exit
		heir bool
		want []string
	}{
		"handed over":            {heal.Exit{}, true, []string{"started 1", "started 2"}},
		"nobody to hand over to": {heal.Exit{}, false, []string{"started 1", "ended 1"}},
		"it failed":              {heal.Exit{Code: 1}, true, []string{"started 1", "ended 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			perform(t, func(t *testing.T, s *Supervisor, host *stage) {
				must(t, s.Start(t.Context(), "a"))
				host.last().heir = c.heir
				host.last().end(c.end, 0)
				synctest.Wait()
				if !slices.Equal(host.told(), c.want) {
					t.Errorf("told %v, want %v", host.told(), c.want)
				}
				must(t, s.Stop(t.Context(), "a"))
				if host.alive() != 0 {
					t.Error("something is left after the stop")
				}
			})
		})
	}
}

func TestALackOfRightsIsNoSurvivor(t *testing.T) {
	u := &unit{process: &actor{stage: &stage{}}}
	if err := u.survived(); err != ErrUnkillable {
		t.Errorf("it survived KILL: %v", err)
	}
	u.killErr = fmt.Errorf("cannot signal process 7: %w", syscall.EPERM)
	if err := u.survived(); err == ErrUnkillable {
		t.Errorf("no signal was ever sent: %v", err)
	}
}
