package engine

import (
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
	well := a.running && a.inc == nil && len(a.live) == 0 && a.flight == "" && c.now.Sub(since) >= a.policy.SnapshotAfter
	if !well || a.keeping != "" {
		c.keepLater(a, a.policy.SnapshotAfter)
		return
	}
	a.keeping = c.issue(a, heal.Attempt{Task: heal.TaskSnapshot, Params: heal.Params{WellSince: since.Wall}}, nil).ID
	c.keepLater(a, a.policy.SnapshotEvery)
}

// kept notes what a snapshot has kept, if it has.
func (c *Core) kept(a *agent, r heal.Result) {
	a.keeping = ""
	note := strings.Join(r.InForce, "; ")
	if r.Error != "" && r.Error != a.unkept {
		c.emit(heal.Event{Kind: heal.EventNote, Agent: a.name, Note: "snapshot_failed: " + r.Error}, false)
	}
	a.unkept = r.Error
	if r.Error == "" && (note != "" || r.Generations != c.ledger.Agent(a.name).Generations) {
		c.emit(heal.Event{Kind: heal.EventSnapshot, Agent: a.name, Result: &r, Note: note}, false)
	}
}
