package engine

import (
	"fmt"
	"strings"
	"time"

	"healer-sidecar/internal/heal"
)

// keepLater sets the time at which a good generation may be kept next.
func (c *Core) keepLater(a *agent, after time.Duration) {
	if a.policy.SnapshotAfter > 0 {
		c.do(WakeAt{Timer: Timer{Agent: a.name, Keep: true}, At: c.now.Add(after)})
	}
}

// dueKeep keeps a good generation of an agent that has been well for a whole window.
func (c *Core) dueKeep(a *agent) {
	since := a.started
	if a.well.Mono > since.Mono {
		since = a.well
	}
	well := a.running && a.inc == nil && len(a.live) == 0 && a.command == "" && c.now.Sub(since) >= a.policy.SnapshotAfter
	if !well || a.keeping != "" {
		c.keepLater(a, a.policy.SnapshotAfter)
		return
	}
	c.kept++
	a.keeping = fmt.Sprintf("%s.keep.%d.%d", a.name, a.runs, c.kept)
	attempt := heal.Attempt{ID: a.keeping, Agent: a.name, Command: heal.CommandSnapshot, Params: heal.Params{WellSince: since.Wall}}
	c.flights[attempt.ID] = a.name
	c.do(Act{Attempt: attempt}) // it changes nothing: what it kept is recorded when it did
	c.keepLater(a, a.policy.SnapshotEvery)
}

// keptBy notes what a snapshot has kept, if it has. It reports false for another attempt.
func (c *Core) keptBy(r heal.Result) bool {
	a := c.agents[c.flights[r.Attempt]]
	if a == nil || a.keeping != r.Attempt {
		return false
	}
	delete(c.flights, r.Attempt)
	a.keeping = ""
	note := strings.Join(r.InForce, "; ")
	if r.Error != "" && r.Error != a.unkept {
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "snapshot_failed: " + r.Error}, false)
	}
	a.unkept = r.Error
	if r.Error == "" && (note != "" || r.Generations != c.ledger.Agent(a.name).Generations) {
		c.emit(heal.Event{Kind: heal.EventSnapshot, Agent: a.name, Result: &r, Note: note}, false)
	}
	return true
}
