package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/heal"
)

const (
	// askWithin bounds how long a host waits for the fleet before it decides alone.
	askWithin = 250 * time.Millisecond
	// pageWait is how long a page is held back once, for others to fail for the same reason.
	pageWait = 5 * time.Second
	// unwellAge is how old the count of unwell hosts may be for a decision.
	unwellAge = 3 * time.Second
	// anyCause is the cause of the incident when more hosts are unwell than may be.
	anyCause = "many-unwell"
)

// Ask answers a question of the engine, within askWithin, through Options.Answer. It returns at
// once.
func (c *Client) Ask(q heal.FleetAsk) { go c.answer(q) }

func (c *Client) answer(q heal.FleetAsk) {
	a := heal.FleetAnswer{Agent: q.Agent, Incident: q.Incident, Number: q.Number, Strategy: q.Strategy}
	within := askWithin
	if q.Strategy == "" { // nobody waits for it, and the fleet must learn of it also when all tell at once
		within = answerWithin
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if c.taking() {
		err := c.decide(ctx, q, &a)
		if err == nil {
			c.options.Answer(a)
			if cause, ok := c.mine.of(q.Incident); ok && a.Notice != "" {
				c.told(cause)
			}
			return
		}
		c.slow(err)
	}
	a = heal.FleetAnswer{Agent: q.Agent, Incident: q.Incident, Number: q.Number, Strategy: q.Strategy, Granted: true}
	if c.common(q) {
		c.mu.Lock()
		a.After = alone(c.hosts, c.options.Config.Budget.StartsPerSecond, rand.Float64())
		c.mu.Unlock()
		a.Why = fmt.Sprintf("the hub does not answer; other hosts may fail too: it starts %s from now", a.After.Round(time.Millisecond))
	}
	c.options.Answer(a)
}

// common reports that other hosts probably fail for the same reason, as far as this one can know.
func (c *Client) common(q heal.FleetAsk) bool {
	if q.Strategy == heal.Escalate || q.Strategy == "" {
		return false
	}
	_, known := c.mine.of(q.Incident)
	return known || q.Type == heal.DependencyFailure || q.Type == heal.CommunicationError
}

// taking reports that the fleet answered lately.
func (c *Client) taking() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults[linkFails] == "" && !c.seated.IsZero() && time.Since(c.seated) < goneAfter && c.link.nc.IsConnected()
}

// slow notes that a question was not answered: no further one waits until a beat is.
func (c *Client) slow(err error) {
	c.mu.Lock()
	c.seated = time.Time{}
	c.mu.Unlock()
	if !errors.Is(err, context.DeadlineExceeded) {
		c.failed(linkFails, err)
	}
}

// decide asks the fleet.
func (c *Client) decide(ctx context.Context, q heal.FleetAsk, a *heal.FleetAnswer) error {
	i, seq, err := c.incident(ctx, q)
	if err != nil {
		return err
	}
	c.mine.note(q, i)
	if i == nil {
		return c.single(ctx, q, a)
	}
	if err := c.tell(ctx, i, &seq, a); err != nil {
		return err
	}
	a.Fleet, a.Quiet, a.Passed = i.ID, true, i.Passed
	switch q.Strategy {
	case "":
		return nil
	case heal.Escalate:
		a.Granted = true
		return nil
	}
	now := c.now()
	do, why := i.next(c.host(), q.Strategy, now)
	a.Why = why
	switch do {
	case stepPass:
		return nil
	case stepWait:
		a.After = askAgain/2 + rand.N(askAgain/2)
		return nil
	case stepTry, stepTakeOver:
		i.Canary, i.Lease, i.Strategy = c.host(), now.Add(leaseFor), q.Strategy
		if do == stepTakeOver {
			i.Since = now
		}
		err := c.write(ctx, i, &seq)
		if errors.Is(err, errConflict) {
			a.After = leastAlone + rand.N(askAgain/4)
			return nil
		}
		if err != nil {
			return err
		}
		return c.turn(ctx, q, a, paceOf(c.options.Config.Budget.StartsPerSecond))
	}
	p := paceOf(c.options.Config.Budget.StartsPerSecond)
	if i.State == Proven {
		p = p.since(i.Proven)
	}
	return c.turn(ctx, q, a, p)
}

// single answers for a failure that has no common cause.
func (c *Client) single(ctx context.Context, q heal.FleetAsk, a *heal.FleetAnswer) error {
	switch {
	case q.Strategy == "":
		return nil
	case q.Strategy == heal.Escalate:
		a.Granted = c.mine.heldBack(q.Incident, time.Now())
		if !a.Granted {
			a.After, a.Why = pageWait, fmt.Sprintf("people are notified in %s, unless other hosts fail for the same reason", pageWait)
		}
		return nil
	}
	a.Granted = true
	return c.slot(ctx, q, a)
}

// turn draws the time at which a host may start.
func (c *Client) turn(ctx context.Context, q heal.FleetAsk, a *heal.FleetAnswer, p pace) error {
	now := c.now()
	at, ok, err := p.draw(now, starts{c, ctx, p})
	if err != nil {
		return err
	}
	if a.Granted, a.After = ok, max(at.Sub(c.now()), 0); !ok {
		a.Why = "the queue of hosts that start again is long: this one asks again later"
	}
	return c.slot(ctx, q, a)
}

// starts are the counters of a group's starts.
type starts struct {
	c   *Client
	ctx context.Context
	p   pace
}

func (s starts) name(window int64) string {
	return "start." + strconv.FormatInt(int64(s.p.window/time.Second), 10) + "." + strconv.FormatInt(window, 10)
}

func (s starts) take(window int64) (int, error) { return s.c.number(s.ctx, s.name(window)) }
func (s starts) peek(window int64) (int, error) { return s.c.counter(s.ctx, s.name(window)) }

// number draws the next number of a counter.
func (c *Client) number(ctx context.Context, name string) (int, error) {
	got, err := c.link.publish(ctx, schema.Ticket(c.options.Config.Group, name), nil, "Nats-Incr", "1")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(got.Value)
	if err != nil {
		return 0, fmt.Errorf("cannot read a counter of the hub: %w", err)
	}
	return n, nil
}

// incident is the fleet incident that a failure belongs to; nil for none. It opens one when this
// host is the one that makes it common.
func (c *Client) incident(ctx context.Context, q heal.FleetAsk) (*Incident, uint64, error) {
	cause := causeKey(q.Cause)
	i, seq, err := c.read(ctx, cause)
	if !errors.Is(err, errNone) {
		return i, seq, err
	}
	failing, err := c.failing(ctx, cause)
	if err != nil {
		return nil, 0, err
	}
	c.mu.Lock()
	hosts := c.hosts
	c.mu.Unlock()
	if Common(failing, hosts) {
		return c.open(ctx, cause, q, failing, max(hosts, failing))
	}
	if q.Strategy == "" || q.Strategy == heal.Escalate {
		return nil, 0, nil
	}
	return c.tooMany(ctx, q)
}

// tooMany is the incident of all hosts when more of them are unwell than may be.
func (c *Client) tooMany(ctx context.Context, q heal.FleetAsk) (*Incident, uint64, error) {
	if err := c.count(ctx, unwellAge); err != nil {
		return nil, 0, err
	}
	c.mu.Lock()
	hosts, unwell := c.hosts, c.unwell
	c.mu.Unlock()
	if unwell < leastHosts || 100*float64(unwell) <= c.options.Config.Budget.StopAbove*float64(hosts) {
		return nil, 0, nil
	}
	i, seq, err := c.read(ctx, anyCause)
	if errors.Is(err, errNone) {
		q.Text, q.Type = fmt.Sprintf("%d of %d hosts are unwell", unwell, hosts), heal.Unknown
		return c.open(ctx, anyCause, q, unwell, hosts)
	}
	return i, seq, err
}

func (c *Client) open(ctx context.Context, cause string, q heal.FleetAsk, failing, hosts int) (*Incident, uint64, error) {
	now := c.now()
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", c.own(), cause, now.UnixNano()))
	i := &Incident{
		ID: "fleet-" + hex.EncodeToString(sum[:4]), Cause: q.Cause, Type: q.Type, Text: q.Text, Opened: now, Hosts: failing, Of: hosts, State: Proving,
		Canary: c.host(), Lease: now.Add(leaseFor), Since: now, Teller: c.host(), TellerLease: now.Add(leaseFor),
	}
	if cause == anyCause {
		i.Cause = anyCause
	}
	seq := uint64(0)
	err := c.write(ctx, i, &seq)
	if errors.Is(err, errConflict) { // another host was faster, or an earlier one has lapsed
		old, last, err := c.read(ctx, cause)
		if !errors.Is(err, errNone) {
			return old, last, err
		}
		seq = last
		if err = c.write(ctx, i, &seq); err != nil {
			return nil, 0, err
		}
		return i, seq, nil
	}
	return i, seq, err
}

// read returns the incident of a cause, and the sequence number to write behind.
func (c *Client) read(ctx context.Context, cause string) (*Incident, uint64, error) {
	m, err := c.link.value(ctx, schema.Incidents, c.options.Config.Group+"."+cause)
	if err != nil {
		return nil, m.seq, err
	}
	i := &Incident{}
	return i, m.seq, decode(m.data, i)
}

func (c *Client) write(ctx context.Context, i *Incident, seq *uint64) error {
	got, err := c.link.put(ctx, schema.Incidents, c.options.Config.Group+"."+causeKey(i.Cause), i, *seq, keptFor)
	if err == nil {
		*seq = got
	}
	return err
}

// tell lets this host tell people, if nobody has, and whoever should does not.
func (c *Client) tell(ctx context.Context, i *Incident, seq *uint64, a *heal.FleetAnswer) error {
	now := c.now()
	if i.Told || i.Teller != c.host() && now.Before(i.TellerLease) {
		return nil
	}
	if i.Teller != c.host() { // the other one died before it had told anybody
		i.Teller, i.TellerLease = c.host(), now.Add(leaseFor)
		err := c.write(ctx, i, seq)
		if errors.Is(err, errConflict) {
			return nil // another host does
		}
		if err != nil {
			return err
		}
	}
	if c.mine.tells(i.ID) {
		a.Notice = i.notice(c.options.Config.Group)
	}
	return nil
}

// told says that people were told, so that no other host does when this one dies.
func (c *Client) told(cause string) {
	c.change(cause, func(i Incident) (Incident, bool) {
		changed := !i.Told
		i.Told = true
		return i, changed
	})
}

// failing is how many hosts of the group failed for a cause lately. This one is counted once.
func (c *Client) failing(ctx context.Context, cause string) (int, error) {
	half := causeWithin / 2
	window := c.now().UnixNano() / int64(half)
	name := func(w int64) string { return "cause." + cause + "." + strconv.FormatInt(w, 10) }
	total := 0
	if c.mine.counts(cause, time.Now()) {
		n, err := c.number(ctx, name(window))
		if err != nil {
			c.mine.uncount(cause)
			return 0, err
		}
		total = n
	} else {
		n, err := c.counter(ctx, name(window))
		if err != nil {
			return 0, err
		}
		total = n
	}
	before, err := c.counter(ctx, name(window-1))
	return total + before, err
}

// counter reads a counter without drawing.
func (c *Client) counter(ctx context.Context, name string) (int, error) {
	m, err := c.link.last(ctx, schema.Tickets, schema.Ticket(c.options.Config.Group, name))
	if errors.Is(err, errNone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var v struct {
		Value string `json:"val"`
	}
	if err := decode(m.data, &v); err != nil {
		return 0, err
	}
	return strconv.Atoi(v.Value)
}

// causeKey is a cause as a part of a subject.
func causeKey(cause string) string {
	if token := schema.Token(cause); token == cause && len(token) <= 63 {
		return cause
	}
	sum := sha256.Sum256([]byte(cause))
	return hex.EncodeToString(sum[:8])
}

func (c *Client) host() string { return c.options.Config.Host }
