package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"healer-sidecar/internal/fleet/schema"
)

const (
	// askEvery is how often a host is asked again for what is missing, askWithin how long it may
	// take to say that it heard.
	askEvery, askWithin = 10 * time.Second, 2 * time.Second
	// maxHoles bounds the holes known of one host.
	maxHoles = 1000
)

// span is a range of event numbers, both ends included.
type span struct{ from, to uint64 }

// chain is what is known of the events of one host.
type chain struct {
	epoch string
	last  uint64
	holes []span
	asked time.Time
}

// audit follows the archive and finds what is missing in it: each event names the one that was
// archived before it, so a hole shows, whatever made it.
type audit struct {
	nc     *nats.Conn
	log    func(format string, args ...any)
	chains map[string]*chain
	// whole says that the stream has lost nothing to its limits: then the first event of a host
	// names none before it.
	whole bool
}

// Audit checks the archive until the context ends, and asks hosts for what is missing.
func Audit(ctx context.Context, nc *nats.Conn, log func(format string, args ...any)) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("cannot use JetStream: %w", err)
	}
	stream, err := js.Stream(ctx, schema.Archive)
	if err != nil {
		return fmt.Errorf("cannot look at the archive: %w", err)
	}
	a := &audit{nc: nc, log: log, chains: map[string]*chain{}, whole: stream.CachedInfo().State.FirstSeq <= 1}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{HeadersOnly: true, DeliverPolicy: jetstream.DeliverAllPolicy})
	if err != nil {
		return fmt.Errorf("cannot read the archive: %w", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("cannot read the archive: %w", err)
	}
	defer messages.Stop()
	context.AfterFunc(ctx, messages.Stop)
	for ctx.Err() == nil {
		m, err := messages.Next(jetstream.NextMaxWait(askEvery))
		if err != nil {
			a.ask(time.Now())
			continue
		}
		a.see(m.Subject(), m.Headers())
		if meta, err := m.Metadata(); err == nil && meta.NumPending == 0 {
			a.ask(time.Now())
		}
	}
	return nil
}

// see takes one event into account.
func (a *audit) see(subject string, h nats.Header) {
	seq, _ := strconv.ParseUint(h.Get(schema.HeaderSeq), 10, 64)
	prev, _ := strconv.ParseUint(h.Get(schema.HeaderPrev), 10, 64)
	gap, _ := strconv.ParseUint(h.Get(schema.HeaderGap), 10, 64)
	group, host := schema.EventOf(subject)
	epoch, name := h.Get(schema.HeaderEpoch), group+"."+host
	c := a.chains[subject]
	if c == nil || c.epoch != epoch {
		first := prev
		if c != nil || a.whole {
			first = 0
		}
		c = &chain{epoch: epoch, last: first}
		a.chains[subject] = c
	}
	if h.Get(schema.HeaderRefill) != "" {
		from := seq
		if gap > 0 {
			from = seq - gap + 1
			a.log("archive: events %d to %d of %s are lost: the host does not have them any more", from, seq, name)
		}
		c.fill(span{from, seq})
		c.missing(a, name, prev)
		if len(c.holes) == 0 {
			a.log("archive: nothing of %s is missing any more", name)
		}
		return
	}
	c.missing(a, name, prev)
	if gap > 0 {
		a.log("archive: %d events of %s before event %d were removed on the host before they were archived", gap, name, seq)
	}
	c.last = max(c.last, seq)
}

// missing notes a hole up to prev, the event that must have come before.
func (c *chain) missing(a *audit, name string, prev uint64) {
	if prev <= c.last {
		return
	}
	if len(c.holes) < maxHoles {
		c.holes = append(c.holes, span{c.last + 1, prev})
	}
	a.log("archive: events %d to %d of %s are missing: the host is asked for them", c.last+1, prev, name)
	c.last = prev
}

// fill takes a range out of the holes.
func (c *chain) fill(got span) {
	var left []span
	for _, h := range c.holes {
		if got.to < h.from || got.from > h.to {
			left = append(left, h)
			continue
		}
		if h.from < got.from {
			left = append(left, span{h.from, got.from - 1})
		}
		if got.to < h.to {
			left = append(left, span{got.to + 1, h.to})
		}
	}
	c.holes = left
}

// ask requests what is missing from hosts that have not been asked lately.
func (a *audit) ask(now time.Time) {
	for _, subject := range slices.Sorted(maps.Keys(a.chains)) {
		c := a.chains[subject]
		if len(c.holes) == 0 || now.Sub(c.asked) < askEvery {
			continue
		}
		c.asked = now
		group, host := schema.EventOf(subject)
		for _, h := range c.holes {
			raw, err := json.Marshal(schema.Missing{Epoch: c.epoch, From: h.from, To: h.to})
			if err != nil {
				continue
			}
			if _, err := a.nc.Request(schema.Refill(group, host), raw, askWithin); err != nil {
				a.log("archive: %s.%s does not answer: events %d to %d stay missing until it does", group, host, h.from, h.to)
				break
			}
		}
	}
}
