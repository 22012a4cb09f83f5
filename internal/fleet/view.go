package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet/schema"
)

// HostView is a host as it last said it is.
type HostView struct {
	Group string    `json:"group"`
	Host  string    `json:"host"`
	Seen  time.Time `json:"seen"`
	Presence
}

// IncidentView is a fleet incident of a group.
type IncidentView struct {
	Group string `json:"group"`
	Incident
}

// Viewer reads what a fleet keeps, for people.
type Viewer struct{ link *link }

// Look connects with the key of a person. Group and host of the block mean nothing here.
func Look(f config.Fleet) (*Viewer, error) {
	inbox, err := inboxOf(f.Credentials)
	if err != nil {
		return nil, err
	}
	l := &link{}
	key, err := credentials(f.Credentials)
	if err != nil {
		return nil, err
	}
	options := append(secured(f.TLS), nats.Name("healer-sidecar fleet"), nats.CustomInboxPrefix(inbox), nats.Timeout(answerWithin), key,
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.refused(err) }))
	if l.nc, err = nats.Connect(strings.Join(f.Servers, ","), options...); err != nil {
		return nil, fmt.Errorf("cannot connect to the fleet: %s", explain(err, err.Error(), false))
	}
	return &Viewer{l}, nil
}

// inboxOf is where answers to the key of a person arrive.
func inboxOf(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the key: %w: healer-hub join NAME --kind operator makes one", err)
	}
	pair, err := nkeys.ParseDecoratedNKey(raw)
	if err != nil {
		return "", fmt.Errorf("cannot read the key in %s: %w", path, err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return "", fmt.Errorf("cannot read the key in %s: %w", path, err)
	}
	return schema.OperatorInbox(public), nil
}

// Close ends the connection.
func (v *Viewer) Close() { v.link.nc.Close() }

// Hosts lists the hosts of a group, or of all groups for an empty one; those that are unwell come
// first.
func (v *Viewer) Hosts(ctx context.Context, group string) ([]HostView, error) {
	all := []HostView{}
	err := v.values(ctx, schema.Hosts, groupFilter(group, "*"), func(key string, m message) error {
		h := HostView{Seen: m.at}
		h.Group, h.Host, _ = strings.Cut(key, ".")
		err := decode(m.data, &h.Presence)
		h.Version = Plain(h.Version)
		for n, a := range h.Agents {
			h.Agents[n] = PresentAgent{Plain(a.Agent), Plain(a.Health), Plain(a.Incident), Plain(a.Hold)}
		}
		all = append(all, h)
		return err
	})
	slices.SortFunc(all, func(a, b HostView) int {
		if a.Unwell != b.Unwell {
			return b.Unwell - a.Unwell
		}
		return strings.Compare(a.Group+"."+a.Host, b.Group+"."+b.Host)
	})
	return all, err
}

// Incidents lists the fleet incidents, the latest first.
func (v *Viewer) Incidents(ctx context.Context, group string) ([]IncidentView, error) {
	all := []IncidentView{}
	err := v.values(ctx, schema.Incidents, groupFilter(group, "*"), func(key string, m message) error {
		i := IncidentView{}
		i.Group, _, _ = strings.Cut(key, ".")
		err := decode(m.data, &i.Incident)
		for _, text := range []*string{&i.ID, &i.Cause, &i.Text, &i.Canary, &i.Teller} {
			*text = Plain(*text)
		}
		all = append(all, i)
		return err
	})
	slices.SortFunc(all, func(a, b IncidentView) int { return b.Opened.Compare(a.Opened) })
	return all, err
}

// Plain takes what could steer a terminal out of a text that some host has written.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text)
}

func groupFilter(group, rest string) string {
	if group == "" {
		group = "*"
	}
	return group + "." + rest
}

// values reads the last value of all keys that match.
func (v *Viewer) values(ctx context.Context, stream, filter string, each func(key string, m message) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	inbox := v.link.nc.NewRespInbox()
	sub, err := v.link.nc.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("cannot ask the hub: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	subject := schema.Key(stream, filter)
	request := fmt.Appendf(nil, `{"multi_last":[%q]}`, subject)
	if err := v.link.nc.PublishRequest("$JS.API.DIRECT.GET."+stream, inbox, request); err != nil {
		return fmt.Errorf("cannot ask the hub: %w", err)
	}
	prefix := strings.TrimSuffix(schema.Key(stream, "x"), "x")
	for {
		r, err := sub.NextMsgWithContext(ctx)
		if errors.Is(err, nats.ErrNoResponders) {
			return v.link.absent(ctx)
		}
		if err != nil {
			return fmt.Errorf("cannot read from the hub: %s", v.link.why(err))
		}
		if r.Header.Get("Status") != "" { // the end, or nothing at all
			return nil
		}
		if r.Header.Get("KV-Operation") != "" || r.Header.Get("Nats-Marker-Reason") != "" {
			continue
		}
		m := message{data: r.Data, header: r.Header}
		m.at, _ = time.Parse(time.RFC3339Nano, r.Header.Get("Nats-Time-Stamp"))
		if err := each(strings.TrimPrefix(r.Header.Get("Nats-Subject"), prefix), m); err != nil {
			return err
		}
	}
}

// Archived is an event of the archive, as the host recorded it.
type Archived struct {
	Group string
	Host  string
	Event []byte
}

// Events serves the archive of a group or host from a time on, oldest first, until each returns
// false; without follow until the present.
func (v *Viewer) Events(ctx context.Context, group, host string, since time.Time, follow bool, each func(Archived) bool) error {
	js, err := jetstream.New(v.link.nc)
	if err != nil {
		return fmt.Errorf("cannot use JetStream: %w", err)
	}
	if host == "" {
		host = "*"
	}
	if group == "" {
		group = "*"
	}
	config := jetstream.OrderedConsumerConfig{FilterSubjects: []string{schema.Event(group, host)}, DeliverPolicy: jetstream.DeliverAllPolicy}
	if !since.IsZero() {
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &since
	}
	consumer, err := js.OrderedConsumer(ctx, schema.Archive, config)
	if err != nil {
		return fmt.Errorf("cannot read the archive: %s", v.link.why(err))
	}
	if info := consumer.CachedInfo(); !follow && info != nil && info.NumPending == 0 {
		return nil
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("cannot read the archive: %w", err)
	}
	defer context.AfterFunc(ctx, messages.Stop)()
	defer messages.Stop()
	for {
		m, err := messages.Next()
		if err != nil {
			return ctx.Err()
		}
		a := Archived{Event: m.Data()}
		a.Group, a.Host = schema.EventOf(m.Subject())
		if !each(a) {
			return nil
		}
		if meta, err := m.Metadata(); !follow && err == nil && meta.NumPending == 0 {
			return nil
		}
	}
}
