package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/heal"
)

const (
	// beatEvery is how often a host says that it is there, gone after how long it counts as gone.
	beatEvery, goneAfter = 2 * time.Second, 12 * time.Second
	// countEvery is how often the hosts of the group are counted, clockEvery the hub's clock read.
	countEvery, clockEvery = 20 * time.Second, time.Minute
	// mostSkew is by how much the host's clock may differ before that is told.
	mostSkew = 2 * time.Second
)

// Options are what a client needs of its host.
type Options struct {
	Config config.Fleet
	// Dir is the state directory.
	Dir     string
	Version string
	Journal Journal
	// Note records something about the fleet that people should find in the journal.
	Note func(string)
	// Answer takes the answers to Ask.
	Answer func(heal.FleetAnswer)
	// Agents is how the agents are.
	Agents func(context.Context) []heal.AgentStatus
}

// Presence is what a host says of itself.
type Presence struct {
	Epoch   string         `json:"epoch"`
	Version string         `json:"version"`
	Agents  []PresentAgent `json:"agents"`
	Unwell  int            `json:"unwell"`
}

// PresentAgent is an agent in a few words.
type PresentAgent struct {
	Agent    string `json:"agent"`
	Health   string `json:"health"`
	Incident string `json:"incident,omitempty"`
	Hold     string `json:"hold,omitempty"`
}

// Client is the host's part of a fleet.
type Client struct {
	options Options
	link    *link
	archive *archive
	changed chan struct{}
	// identity is the journal's: another host of our name has another one.
	identity string
	seatOnce sync.Once
	// mine is what is known of this host's own incidents.
	mine *mine

	mu sync.Mutex
	// faults are why the fleet is away, by what has failed.
	faults map[string]string
	// hosts is how many the group has, unwell how many of them are not well, counted when.
	hosts, unwell int
	counted       time.Time
	// skew is by how much the hub's clock is ahead of ours.
	skew time.Duration
	// seated is when our presence was last confirmed.
	seated time.Time

	// seat is the sequence number of our presence, sick that we are marked as unwell; both belong
	// to the goroutine that beats.
	seat uint64
	sick bool
}

// What may fail.
const (
	linkFails, archiveFails = "link", "archive"
)

// New prepares a client. It fails for credentials that cannot be read; a hub that cannot be
// reached is no failure.
func New(o Options) (*Client, error) {
	c := &Client{options: o, changed: make(chan struct{}, 1), hosts: 1, mine: newMine(), faults: map[string]string{}}
	a := &archive{
		journal: o.Journal, subject: schema.Event(o.Config.Group, o.Config.Host), path: placePath(o.Dir), say: o.Note,
		refills: make(chan schema.Missing, maxRefills), woken: make(chan struct{}, 1),
	}
	if err := a.openPlace(); err != nil {
		return nil, err
	}
	l, err := connect(o.Config, c.stirred)
	if err != nil {
		return nil, err
	}
	c.link, c.archive, a.link, c.identity = l, a, l, a.place.Epoch
	return c, nil
}

// stirred says that the connection has changed.
func (c *Client) stirred() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Run takes part until the context ends.
func (c *Client) Run(ctx context.Context) {
	defer c.link.nc.Close()
	refills, err := c.archive.listen(schema.Refill(c.options.Config.Group, c.options.Config.Host))
	if err != nil {
		c.failed(linkFails, err)
	} else {
		defer func() { _ = refills.Unsubscribe() }()
	}
	var work sync.WaitGroup
	c.beats(ctx, func() { // only who has the name may write under it
		work.Go(func() { c.archive.run(ctx, func(err error) { c.failed(archiveFails, err) }) })
	})
	c.leave()
	work.Wait()
}

// failed notes why something does not work, or with nil that it does. It tells people once.
func (c *Client) failed(what string, err error) {
	text := ""
	if err != nil {
		text = c.link.why(err)
	}
	c.mu.Lock()
	before := c.fault()
	c.faults[what] = text
	after := c.fault()
	c.mu.Unlock()
	switch {
	case after == before:
	case after == "":
		c.options.Note("fleet: connected to the hub")
	default:
		c.options.Note("fleet: " + after + "; this host heals its agents alone")
	}
}

// fault is the first of the faults; the lock is held.
func (c *Client) fault() string { return cmp.Or(c.faults[linkFails], c.faults[archiveFails]) }

// beats says that we are there, until the context ends. seated is called when the name is ours.
func (c *Client) beats(ctx context.Context, seated func()) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	var clock time.Time
	for {
		err := c.beat(ctx)
		if err == nil {
			c.seatOnce.Do(seated)
		}
		if err == nil && time.Since(clock) >= clockEvery {
			clock = time.Now()
			err = c.readClock(ctx)
		}
		if err == nil {
			err = c.count(ctx, countEvery)
		}
		if ctx.Err() == nil {
			c.failed(linkFails, err)
		}
		if err == nil {
			c.renew()
		}
		select {
		case <-tick.C:
		case <-c.changed:
			c.archive.wake()
		case <-ctx.Done():
			return
		}
	}
}

// errClash says that another host has our name.
var errClash = errors.New("another host of this name is in the group")

// beat confirms our presence. Another living host of our name is not pushed out.
func (c *Client) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	key := c.own()
	p := c.presence(ctx)
	seq, err := c.link.put(ctx, schema.Hosts, key, p, c.seat, goneAfter)
	if errors.Is(err, errConflict) {
		if err = c.takeSeat(ctx, key); err == nil {
			seq, err = c.link.put(ctx, schema.Hosts, key, p, c.seat, goneAfter)
		}
	}
	if err != nil {
		return err
	}
	c.seat = seq
	c.mu.Lock()
	c.seated = time.Now()
	c.mu.Unlock()
	return c.sicken(ctx, schema.Unwell(key), p.Unwell > 0)
}

// takeSeat finds out who has our name.
func (c *Client) takeSeat(ctx context.Context, key string) error {
	m, err := c.link.last(ctx, schema.Hosts, schema.Key(schema.Hosts, key))
	if errors.Is(err, errNone) {
		c.seat = 0
		return nil
	}
	if err != nil {
		return err
	}
	var other Presence
	if decode(m.data, &other) == nil && other.Epoch != c.identity && time.Since(m.at)-c.skewed() < goneAfter {
		return fmt.Errorf("%w: give one of them another host = in its fleet block, and a key of its own", errClash)
	}
	c.seat = m.seq
	return nil
}

// sicken keeps the mark by which unwell hosts are counted.
func (c *Client) sicken(ctx context.Context, key string, unwell bool) error {
	if !unwell && !c.sick {
		return nil
	}
	headers := []string{"Nats-TTL", goneAfter.String()}
	if !unwell {
		headers = []string{"KV-Operation", "DEL", "Nats-TTL", "1s"}
	}
	_, err := c.link.publish(ctx, schema.Key(schema.Hosts, key), nil, headers...)
	if err == nil {
		c.sick = unwell
	}
	return err
}

// leave takes our presence back; the hub would wait for it to lapse.
func (c *Client) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if c.seat > 0 && c.link.nc.IsConnected() {
		_ = c.sicken(ctx, schema.Unwell(c.own()), false)
		_ = c.link.remove(ctx, schema.Hosts, c.own(), c.seat) // it lapses by itself
	}
}

func (c *Client) presence(ctx context.Context) Presence {
	p := Presence{Epoch: c.identity, Version: c.options.Version, Agents: []PresentAgent{}}
	for _, a := range c.options.Agents(ctx) {
		p.Agents = append(p.Agents, PresentAgent{Agent: a.Agent, Health: a.Health, Incident: a.Incident, Hold: a.Hold})
		if a.Incident != "" {
			p.Unwell++
		}
	}
	return p
}

// own is our key in the buckets that have one for each host.
func (c *Client) own() string { return c.options.Config.Group + "." + c.options.Config.Host }

// readClock compares the hub's clock with ours: turns are given by the hub's.
func (c *Client) readClock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	before := time.Now()
	seq, err := c.link.put(ctx, schema.Hosts, c.own(), c.presence(ctx), c.seat, goneAfter)
	if err != nil {
		return err
	}
	c.seat = seq
	middle := before.Add(time.Since(before) / 2)
	m, err := c.link.value(ctx, schema.Hosts, c.own())
	if err != nil {
		return err
	}
	skew := m.at.Sub(middle)
	c.mu.Lock()
	old := c.skew
	c.skew = skew
	c.mu.Unlock()
	if (skew.Abs() > mostSkew) != (old.Abs() > mostSkew) {
		c.options.Note(fmt.Sprintf("fleet: this host's clock differs from the hub's by %s: turns are taken by the hub's; check the time service", skew.Round(time.Millisecond)))
	}
	return nil
}

// count looks how many hosts the group has and how many are unwell, if that is older than age.
func (c *Client) count(ctx context.Context, age time.Duration) error {
	c.mu.Lock()
	fresh := time.Since(c.counted) < age
	c.mu.Unlock()
	if fresh {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	group := c.options.Config.Group
	hosts, err := c.link.subjects(ctx, schema.Hosts, schema.Key(schema.Hosts, group+".*"))
	if err != nil {
		return err
	}
	unwell, err := c.link.subjects(ctx, schema.Hosts, schema.Key(schema.Hosts, schema.Unwell(group+".*")))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hosts, c.unwell, c.counted = max(hosts, 1), unwell, time.Now()
	return nil
}

func (c *Client) skewed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew
}

// now is the hub's time.
func (c *Client) now() time.Time { return time.Now().Add(c.skewed()) }

// Fault says why the fleet is away; empty when it is not.
func (c *Client) Fault() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault()
}

// Status is how the host stands to its fleet.
func (c *Client) Status() heal.FleetStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	return heal.FleetStatus{
		Group: c.options.Config.Group, Host: c.options.Config.Host, Fault: c.fault(), Hosts: c.hosts, Unwell: c.unwell,
		Connected: c.fault() == "" && !c.seated.IsZero() && c.link.nc.Status() == nats.CONNECTED,
	}
}

// Archived is the number of the last event that the hub has.
func (c *Client) Archived() uint64 { return c.archive.reached.Load() }
