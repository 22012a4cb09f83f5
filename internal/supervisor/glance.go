package supervisor

import "time"

const (
	// glanceEvery is how often a running agent is looked at for what cannot be known any more
	// when it has ended.
	glanceEvery = time.Second
	// oomRecent is how long before an end a kill for memory inside its limits may have come to
	// be what it died of: a leader may take a moment to notice that a child of it is gone.
	oomRecent = 10 * time.Second
)

// oomKills follows what the kernel killed for memory inside the limits of a run. The counter
// begins at 0 with the run's cgroup; only of a run that was taken over it does not.
type oomKills struct {
	count int
	last  time.Time
}

// see takes a look at the counter.
func (k *oomKills) see(count int, now time.Time) {
	if count > k.count {
		k.last = now
	}
	k.count = count
}

// recent reports that something was killed just before.
func (k *oomKills) recent(now time.Time) bool {
	return !k.last.IsZero() && now.Sub(k.last) <= oomRecent
}

// glance looks at a running agent, and again a second later.
func (u *unit) glance() {
	if u.process == nil || u.state != running {
		return
	}
	u.killed.see(u.process.OOMKills(), time.Now())
	u.process.Glance()
	u.glancing.Reset(glanceEvery)
}
