package fleet

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/heal"
)

const (
	// maxMine bounds how many incidents of this host are known.
	maxMine = 1000
	// slotFor is how long a slot is held without a word, slotEvery how often it is renewed, and
	// slotMost how long at most.
	slotFor, slotEvery, slotMost = 30 * time.Second, 10 * time.Second, 15 * time.Minute
)

// mine is what this host knows of its own incidents.
type mine struct {
	mu sync.Mutex
	// causes are the keys of the fleet incidents that incidents belong to, counted when this host
	// was last counted for a cause, pages since when a page is held back.
	causes  map[string]string
	counted map[string]time.Time
	pages   map[string]time.Time
	begun   map[string]time.Time
	// told are the fleet incidents of which this host has told people.
	told map[string]bool
	// slots are held, by incident.
	slots map[string]func()
}

func newMine() *mine {
	return &mine{causes: map[string]string{}, counted: map[string]time.Time{}, pages: map[string]time.Time{}, begun: map[string]time.Time{}, told: map[string]bool{}, slots: map[string]func(){}}
}

func (m *mine) note(q heal.FleetAsk, i *Incident) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i != nil && len(m.causes) < maxMine {
		m.causes[q.Incident] = causeKey(i.Cause)
	}
}

// of is the cause of an incident that is one of several hosts.
func (m *mine) of(incident string) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cause, ok := m.causes[incident]
	return cause, ok
}

// counts reports that this host must be counted for a cause now.
func (m *mine) counts(cause string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.counted[cause]; ok && now.Sub(at) < causeWithin {
		return false
	}
	if len(m.counted) >= maxMine {
		clear(m.counted)
	}
	m.counted[cause] = now
	return true
}

func (m *mine) uncount(cause string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.counted, cause)
}

// tells reports that this host has not told people of a fleet incident yet.
func (m *mine) tells(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told[id] {
		return false
	}
	if len(m.told) >= maxMine {
		clear(m.told)
	}
	m.told[id] = true
	return true
}

// heldBack reports that a page was held back for long enough.
func (m *mine) heldBack(incident string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.pages[incident]
	if !ok && len(m.pages) < maxMine {
		m.pages[incident] = now
		return false
	}
	return now.Sub(at) >= pageWait-leastAlone
}

// over forgets an incident and gives back what it held.
func (m *mine) over(incident string) {
	m.mu.Lock()
	release := m.slots[incident]
	delete(m.slots, incident)
	delete(m.causes, incident)
	delete(m.pages, incident)
	delete(m.begun, incident)
	m.mu.Unlock()
	if release != nil {
		release()
	}
}

// Saw follows what this host records; it never blocks.
func (c *Client) Saw(e heal.Event) {
	if e.Incident == "" {
		return
	}
	switch e.Kind {
	case heal.EventAttempt:
		c.mine.mu.Lock()
		if len(c.mine.begun) < maxMine {
			c.mine.begun[e.Incident] = c.now()
		}
		c.mine.mu.Unlock()
	case heal.EventOutcome:
		if cause, ok := c.mine.of(e.Incident); ok && e.Attempt != nil {
			c.mine.mu.Lock()
			begun := c.mine.begun[e.Incident]
			c.mine.mu.Unlock()
			go c.judge(cause, e.Attempt.Strategy, e.Outcome, begun)
		}
	case heal.EventClosed:
		cause, ok := c.mine.of(e.Incident)
		c.mine.over(e.Incident)
		if ok {
			go c.stepDown(cause)
		}
	}
}

// change rewrites the incident of a cause, again when another host was faster.
func (c *Client) change(cause string, with func(Incident) (Incident, bool)) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	for ctx.Err() == nil {
		i, seq, err := c.read(ctx, cause)
		if err != nil {
			return // it has lapsed, or the hub is away: the lease lapses, too
		}
		next, changed := with(*i)
		if !changed {
			return
		}
		if err = c.write(ctx, &next, &seq); !errors.Is(err, errConflict) {
			return
		}
	}
}

// judge tells the others what an attempt has proven.
func (c *Client) judge(cause string, s heal.Strategy, o heal.Outcome, begun time.Time) {
	c.change(cause, func(i Incident) (Incident, bool) { return i.judged(c.host(), s, o, begun, c.now()) })
}

// stepDown lets another host try first when this one has nothing to try any more.
func (c *Client) stepDown(cause string) {
	c.change(cause, func(i Incident) (Incident, bool) {
		if i.State != Proving || i.Canary != c.host() {
			return i, false
		}
		i.Lease = time.Time{}
		return i, true
	})
}

// renew keeps the lease of the incidents in which this host tries first.
func (c *Client) renew() {
	c.mine.mu.Lock()
	causes := map[string]bool{}
	for _, cause := range c.mine.causes {
		causes[cause] = true
	}
	c.mine.mu.Unlock()
	for cause := range causes {
		c.change(cause, func(i Incident) (Incident, bool) {
			now := c.now()
			if i.State != Proving || i.Canary != c.host() || i.Lease.IsZero() || i.Lease.Sub(now) > leaseFor/2 {
				return i, false
			}
			i.Lease = now.Add(leaseFor)
			return i, true
		})
	}
}

// slot takes one of the places for hosts that disrupt at the same moment, where a running agent
// would be taken away. Without a free one the question is refused for a while.
func (c *Client) slot(ctx context.Context, q heal.FleetAsk, a *heal.FleetAnswer) error {
	if !a.Granted || !q.Running || !q.Strategy.Profile().Disruptive {
		return nil
	}
	c.mine.mu.Lock()
	_, held := c.mine.slots[q.Incident]
	c.mine.mu.Unlock()
	if held {
		return nil
	}
	c.mu.Lock()
	places := c.places()
	c.mu.Unlock()
	h := fnv.New32a()
	h.Write([]byte(c.own()))
	first := int(h.Sum32() % uint32(places))
	for n := range places {
		key := fmt.Sprintf("%s.slot.%d", c.options.Config.Group, (first+n)%places)
		seq, err := c.take(ctx, key, q)
		if errors.Is(err, errConflict) {
			continue
		}
		if err != nil {
			return err
		}
		c.hold(q.Incident, key, seq)
		return nil
	}
	a.Granted, a.After = false, askAgain/2+rand.N(askAgain)
	a.Why = fmt.Sprintf("%d hosts of the group disrupt running agents now, as many as may", places)
	return nil
}

// places is how many hosts may disrupt at once; the lock is held.
func (c *Client) places() int {
	return max(int(math.Floor(c.options.Config.Budget.Disruptions/100*float64(c.hosts))), 1)
}

// holder is what a slot says.
type holder struct {
	Host, Agent, Incident string
	Strategy              heal.Strategy
	Until                 time.Time
}

// take creates a slot that nobody has.
func (c *Client) take(ctx context.Context, key string, q heal.FleetAsk) (uint64, error) {
	m, err := c.link.value(ctx, schema.Leases, key)
	if err == nil {
		return 0, errConflict
	}
	if !errors.Is(err, errNone) {
		return 0, err
	}
	return c.link.put(ctx, schema.Leases, key, c.holder(q), m.seq, slotFor)
}

func (c *Client) holder(q heal.FleetAsk) holder {
	return holder{c.host(), q.Agent, q.Incident, q.Strategy, c.now().Add(slotFor)}
}

// hold renews a slot until the incident is over.
func (c *Client) hold(incident, key string, seq uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), slotMost)
	c.mine.mu.Lock()
	c.mine.slots[incident] = cancel
	c.mine.mu.Unlock()
	go func() {
		defer cancel()
		tick := time.NewTicker(slotEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				c.giveBack(key, seq)
				return
			}
			next, err := c.link.put(ctx, schema.Leases, key, holder{Host: c.host(), Incident: incident, Until: c.now().Add(slotFor)}, seq, slotFor)
			if errors.Is(err, errConflict) {
				return // it had lapsed, and is another host's now
			}
			if err == nil {
				seq = next
			}
		}
	}()
}

func (c *Client) giveBack(key string, seq uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	_ = c.link.remove(ctx, schema.Leases, key, seq) // it lapses by itself
}
