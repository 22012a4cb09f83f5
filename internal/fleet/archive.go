package fleet

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/host/fsys"
)

const (
	// placeFile says how far the archive has come.
	placeFile = "fleet.place"
	// placeEvery is how often it is written at most.
	placeEvery = time.Second
	// retryLeast and retryMost bound the wait after a failure.
	retryLeast, retryMost = 500 * time.Millisecond, 15 * time.Second
	// maxRefills bounds the requests that wait.
	maxRefills = 16
)

// Journal is what the host has recorded.
type Journal interface {
	// Events returns a reader of what is recorded after a sequence number. It serves what is
	// new at every call, until each returns false.
	Events(after uint64) (read func(each func(heal.Event) bool) error)
	// Changed is closed when more is recorded.
	Changed() <-chan struct{}
	// LastEvent is the highest sequence number given out.
	LastEvent() uint64
}

// place is how far the archive has come.
type place struct {
	// Epoch is the identity of the journal.
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	// Lost counts the events that were removed from the journal before they were archived.
	Lost uint64 `json:"lost,omitempty"`
}

// archive sends every event of the journal to the hub, in order, once. The last message of the
// host in the stream says where it stands; the place on the disk says what must have been there.
type archive struct {
	link    *link
	journal Journal
	subject string
	path    string
	say     func(string)
	refills chan schema.Missing
	woken   chan struct{}

	place place
	// written is the place on the disk, wrote when.
	written place
	wrote   time.Time
	// stream is the sequence number of our last message in the stream, head the number of the
	// last event before it that is in the chain.
	stream, head uint64
	// reached is head, for others to see.
	reached atomic.Uint64
}

// newEpoch names a journal.
func newEpoch() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// openPlace reads how far the archive has come; a journal that begins again has a new epoch.
func (a *archive) openPlace() error {
	raw, err := os.ReadFile(a.path)
	if err == nil {
		err = json.Unmarshal(raw, &a.place)
	} else if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("cannot read the place in the archive: %w", err)
	}
	if a.place.Epoch == "" || a.journal.LastEvent() < a.place.Seq {
		a.place = place{Epoch: newEpoch()}
	}
	a.written = a.place
	return a.keep(true)
}

// keep writes the place, now or when it is time.
func (a *archive) keep(now bool) error {
	if !now && (a.place == a.written || time.Since(a.wrote) < placeEvery) {
		return nil
	}
	raw, err := json.Marshal(a.place)
	if err == nil {
		err = fsys.Replace(a.path, append(raw, '\n'))
	}
	if err != nil {
		return fmt.Errorf("cannot keep the place in the archive: %w", err)
	}
	a.written, a.wrote = a.place, time.Now()
	return nil
}

// run archives until the context ends. fault is told why it cannot, and "" when it can.
func (a *archive) run(ctx context.Context, fault func(error)) {
	defer func() { _ = a.keep(true) }() // the stream itself says how far it came
	wait := retryLeast
	for ctx.Err() == nil {
		err := a.resume(ctx)
		if err == nil {
			fault(nil)
			wait = retryLeast
			err = a.follow(ctx)
		}
		if ctx.Err() != nil || errors.Is(err, errConflict) {
			continue // the place is read again at once
		}
		fault(err)
		select {
		case <-time.After(wait):
		case <-a.woken:
		case <-ctx.Done():
		}
		wait = min(2*wait, retryMost)
	}
}

// resume finds the place from the last message that the stream has of us.
func (a *archive) resume(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	m, err := a.link.last(ctx, schema.Archive, a.subject)
	if errors.Is(err, errNone) {
		if a.place.Seq > 0 {
			a.say(fmt.Sprintf("fleet: the archive has nothing of this host, which had sent %d events: they are sent again", a.place.Seq))
		}
		a.stream, a.head = 0, 0
		return nil
	}
	if err != nil {
		return err
	}
	a.stream, a.head = m.seq, 0
	if m.header.Get(schema.HeaderEpoch) != a.place.Epoch {
		return nil // of an earlier journal: this one begins
	}
	name := schema.HeaderSeq
	if m.header.Get(schema.HeaderRefill) != "" {
		name = schema.HeaderPrev
	}
	if a.head, err = strconv.ParseUint(m.header.Get(name), 10, 64); err != nil {
		return fmt.Errorf("cannot read the archive: %w", err)
	}
	defer func() { a.reached.Store(a.head) }()
	if a.head > a.journal.LastEvent() { // the journal was put back to an earlier state
		a.place, a.head = place{Epoch: newEpoch()}, 0
		return a.keep(true)
	}
	if a.head < a.place.Seq {
		a.say(fmt.Sprintf("fleet: the archive ends at event %d of this host, which had sent %d: the rest is sent again", a.head, a.place.Seq))
	}
	return nil
}

// follow sends what is recorded after the place until something fails.
func (a *archive) follow(ctx context.Context) error {
	read := a.journal.Events(a.head)
	for {
		changed := a.journal.Changed()
		var failed error
		err := read(func(e heal.Event) bool {
			failed = a.send(ctx, e)
			return failed == nil && ctx.Err() == nil
		})
		if err = errors.Join(failed, err); err != nil {
			return err
		}
		if err := a.keep(false); err != nil {
			return err
		}
		var late <-chan time.Time
		if a.place != a.written {
			late = time.After(placeEvery)
		}
		select {
		case <-changed:
		case <-late:
		case <-a.woken: // the hub may have been restored from something older
			return errConflict
		case r := <-a.refills:
			if err := a.refill(ctx, r); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// send archives one event behind the last one.
func (a *archive) send(ctx context.Context, e heal.Event) error {
	headers := []string{schema.HeaderPrev, strconv.FormatUint(a.head, 10)}
	missing := uint64(0)
	if e.Seq > a.head+1 && (a.head > 0 || a.place.Seq > 0) {
		missing = e.Seq - a.head - 1
		headers = append(headers, schema.HeaderGap, strconv.FormatUint(missing, 10))
	}
	if err := a.publish(ctx, e, e.Seq, headers); err != nil {
		return err
	}
	if missing > 0 {
		a.place.Lost += missing
		a.say(fmt.Sprintf("fleet: %d events before event %d are not in the journal any more and are missing in the archive", missing, e.Seq))
	}
	a.head = e.Seq
	a.reached.Store(e.Seq)
	a.place.Seq = max(a.place.Seq, e.Seq)
	return a.keep(false)
}

// publish puts an event behind our last message in the stream.
func (a *archive) publish(ctx context.Context, value any, seq uint64, headers []string) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("cannot encode an event: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	headers = append(headers, schema.HeaderSeq, strconv.FormatUint(seq, 10), schema.HeaderEpoch, a.place.Epoch,
		"Nats-Expected-Last-Subject-Sequence", strconv.FormatUint(a.stream, 10))
	got, err := a.link.publish(ctx, a.subject, raw, headers...)
	if err == nil {
		a.stream = got.Seq
	}
	return err
}

// refill sends again what the hub has lost, and says what cannot be had any more.
func (a *archive) refill(ctx context.Context, r schema.Missing) error {
	if r.Epoch != a.place.Epoch || r.From == 0 || r.To < r.From || r.To > a.head {
		return nil
	}
	headers := func() []string {
		return []string{schema.HeaderRefill, "1", schema.HeaderPrev, strconv.FormatUint(a.head, 10)}
	}
	next, sent := r.From, 0
	var failed error
	absent := func(to uint64) error { // from next to before to
		if to <= next {
			return nil
		}
		a.place.Lost += to - next
		return a.publish(ctx, nil, to-1, append(headers(), schema.HeaderGap, strconv.FormatUint(to-next, 10)))
	}
	err := a.journal.Events(r.From - 1)(func(e heal.Event) bool {
		if e.Seq > r.To || ctx.Err() != nil {
			return false
		}
		if failed = absent(e.Seq); failed == nil {
			failed = a.publish(ctx, e, e.Seq, headers())
		}
		next, sent = e.Seq+1, sent+1
		return failed == nil
	})
	if err = errors.Join(failed, err); err == nil {
		err = absent(r.To + 1)
	}
	a.say(fmt.Sprintf("fleet: the hub had lost events %d to %d of this host: %d were sent again", r.From, r.To, sent))
	return err
}

// listen takes the hub's requests for events that it lost.
func (a *archive) listen(subject string) (*nats.Subscription, error) {
	return a.link.nc.Subscribe(subject, func(m *nats.Msg) {
		var r schema.Missing
		answer := "no"
		if json.Unmarshal(m.Data, &r) == nil {
			select {
			case a.refills <- r:
				answer = "ok"
			default:
			}
		}
		_ = m.Respond([]byte(answer)) // the hub asks again
	})
}

// wake lets the archive look where it stands.
func (a *archive) wake() {
	select {
	case a.woken <- struct{}{}:
	default:
	}
}

func placePath(dir string) string { return filepath.Join(dir, placeFile) }
