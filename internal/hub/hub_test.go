package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"healer-sidecar/internal/fleet/schema"
)

// within bounds what a server on this machine takes.
const within = 5 * time.Second

// started is a hub with two hosts and an operator, and the key of each.
func started(t *testing.T) (*Server, map[string]string) {
	t.Helper()
	o := Options{Dir: filepath.Join(t.TempDir(), "hub"), Listen: "127.0.0.1:0", Limits: schema.DefaultLimits, Log: t.Logf}
	o.Limits.ArchiveBytes = 64 << 20
	book, err := OpenBook(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	seeds := map[string]string{}
	for _, m := range []Member{{KindHost, "web", "a", ""}, {KindHost, "web", "b", ""}, {KindOperator, "", "op", ""}, {KindReader, "", "look", ""}} {
		if seeds[m.Name], _, err = book.Add(m, false); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if err := Prepare(t.Context(), nc, o.Limits); err != nil {
		t.Fatal(err)
	}
	return s, seeds
}

// client connects with a key; inbox is its own, that of a person for an empty one.
func client(t *testing.T, s *Server, seed, inbox string) *nats.Conn {
	t.Helper()
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	if inbox == "" {
		inbox = schema.OperatorInbox(public)
	}
	nc, err := nats.Connect(s.URL(), nats.Nkey(public, pair.Sign), nats.CustomInboxPrefix(inbox), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// publish puts a message into a stream and returns what the server says against it.
func publish(nc *nats.Conn, subject, body string, wait time.Duration, headers ...string) error {
	m := nats.NewMsg(subject)
	m.Data = []byte(body)
	for i := 0; i < len(headers); i += 2 {
		m.Header.Set(headers[i], headers[i+1])
	}
	r, err := nc.RequestMsg(m, wait)
	if err != nil {
		return err
	}
	var ack struct {
		Error *struct{ Description string }
	}
	if err := json.Unmarshal(r.Data, &ack); err != nil {
		return err
	}
	if ack.Error != nil {
		return errors.New(ack.Error.Description)
	}
	return nil
}

func TestAnonymousGetsNothing(t *testing.T) {
	s, _ := started(t)
	if nc, err := nats.Connect(s.URL()); err == nil {
		nc.Close()
		t.Error("a client without a key is connected")
	}
	stranger, _ := nkeys.CreateUser()
	public, _ := stranger.PublicKey()
	if nc, err := nats.Connect(s.URL(), nats.Nkey(public, stranger.Sign)); err == nil {
		nc.Close()
		t.Error("a client with an unknown key is connected")
	}
}

// TestHostKeyIsBounded: a host writes its own events and nobody else's, hears its own orders
// only, and removes nothing.
func TestHostKeyIsBounded(t *testing.T) {
	s, seeds := started(t)
	a := client(t, s, seeds["a"], schema.Inbox("web", "a"))
	b := client(t, s, seeds["b"], schema.Inbox("web", "b"))
	op := client(t, s, seeds["op"], "")
	if err := publish(a, schema.Event("web", "a"), "{}", within); err != nil {
		t.Fatalf("its own event is refused: %v", err)
	}
	const short = 300 * time.Millisecond // a forbidden publish looks like a time-out
	forbidden := map[string]string{
		"event of another":     schema.Event("web", "b"),
		"presence of another":  schema.Key(schema.Hosts, "web.b"),
		"knowledge of another": schema.Key(schema.Patterns, "web.b"),
		"slot of other group":  schema.Key(schema.Leases, "db.slot.0"),
		"delete the archive":   "$JS.API.STREAM.DELETE." + schema.Archive,
		"purge the archive":    "$JS.API.STREAM.PURGE." + schema.Archive,
		"delete a message":     "$JS.API.STREAM.MSG.DELETE." + schema.Archive,
		"change the archive":   "$JS.API.STREAM.UPDATE." + schema.Archive,
		"order to another":     schema.Order("web", "b"),
		"read other's events":  "$JS.API.DIRECT.GET." + schema.Archive + "." + schema.Event("web", "b"),
		"consume the archive":  "$JS.API.CONSUMER.CREATE." + schema.Archive,
	}
	for what, subject := range forbidden {
		if err := publish(a, subject, "{}", short); !errors.Is(err, nats.ErrTimeout) {
			t.Errorf("%s: %v, want a time-out", what, err)
		}
	}
	spy, err := a.SubscribeSync(schema.Order("web", "b"))
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := a.SubscribeSync(schema.Inbox("web", "b") + ".>")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Subscribe(schema.Order("web", "b"), func(m *nats.Msg) { _ = m.Respond([]byte("done")) })
	if err == nil {
		err = errors.Join(a.Flush(), b.Flush())
	}
	if err != nil {
		t.Fatal(err)
	}
	if r, err := op.Request(schema.Order("web", "b"), []byte("stop"), within); err != nil || string(r.Data) != "done" {
		t.Fatalf("the order is not answered: %v", err)
	}
	for what, sub := range map[string]*nats.Subscription{"order": spy, "inbox": inbox} {
		if m, err := sub.NextMsg(short); err == nil {
			t.Errorf("another host reads the %s: %s", what, m.Data)
		}
	}
	look := client(t, s, seeds["look"], "")
	if _, err := look.Request(schema.Order("web", "b"), nil, short); !errors.Is(err, nats.ErrTimeout) {
		t.Errorf("a reader sends an order: %v", err)
	}
}

// TestNobodyRemovesFromTheArchive: not even the hub's own key.
func TestNobodyRemovesFromTheArchive(t *testing.T) {
	s, seeds := started(t)
	a := client(t, s, seeds["a"], schema.Inbox("web", "a"))
	if err := publish(a, schema.Event("web", "a"), "{}", within); err != nil {
		t.Fatal(err)
	}
	own, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	for what, request := range map[string][2]string{
		"purge":  {"$JS.API.STREAM.PURGE." + schema.Archive, "{}"},
		"delete": {"$JS.API.STREAM.MSG.DELETE." + schema.Archive, `{"seq":1}`},
	} {
		if err := publish(own, request[0], request[1], within); err == nil {
			t.Errorf("%s is allowed", what)
		}
	}
}

// TestCountersAndLeases: what budgets need of the server.
func TestCountersAndLeases(t *testing.T) {
	s, seeds := started(t)
	a := client(t, s, seeds["a"], schema.Inbox("web", "a"))
	for want := 1; want <= 3; want++ {
		m := nats.NewMsg(schema.Ticket("web", "x"))
		m.Header.Set("Nats-Incr", "1")
		r, err := a.RequestMsg(m, within)
		if err != nil || !strings.Contains(string(r.Data), fmt.Sprintf(`"val":"%d"`, want)) {
			t.Fatalf("ticket %d: %s, %v", want, r.Data, err)
		}
	}
	slot := schema.Key(schema.Leases, "web.slot.0")
	create := func() error {
		return publish(a, slot, "a", within, "Nats-Expected-Last-Subject-Sequence", "0", "Nats-TTL", "1s")
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	if err := create(); err == nil {
		t.Error("a slot is taken twice")
	}
}

func TestMembersJoinWhileItServes(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := Options{Dir: filepath.Join(t.TempDir(), "hub"), Listen: "127.0.0.1:0", Limits: schema.DefaultLimits, Log: t.Logf}
	url := make(chan string, 1)
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, o, func(u string) { url <- u }) }()
	var at string
	select {
	case at = <-url:
	case err := <-ended:
		t.Fatal(err)
	}
	book, err := OpenBook(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	seed, _, err := book.Add(Member{Kind: KindHost, Group: "web", Name: "late"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := book.Add(Member{Kind: KindHost, Group: "web", Name: "late"}, false); !errors.Is(err, ErrMember) {
		t.Errorf("joined twice: %v", err)
	}
	pair, err := nkeys.FromSeed([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	public, _ := pair.PublicKey()
	nc, err := nats.Connect(at, nats.Nkey(public, pair.Sign), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.IgnoreAuthErrorAbort())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for end := time.Now().Add(2 * within); !nc.IsConnected(); {
		if time.Now().After(end) {
			t.Fatalf("a member that joined is not accepted: %v", nc.LastError())
		}
		<-time.After(20 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	_, err := Start(Options{Dir: filepath.Join(t.TempDir(), "hub"), Listen: "0.0.0.0:0", Log: t.Logf})
	if err == nil || !strings.Contains(err.Error(), "--tls-cert") {
		t.Errorf("open to the network without TLS: %v", err)
	}
}
