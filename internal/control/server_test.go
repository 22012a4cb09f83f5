package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// backend answers from its fields.
type backend struct {
	orders chan heal.Order
	refuse error

	mu      sync.Mutex // guards everything below
	events  []heal.Event
	changed chan struct{}
}

// add records one more event.
func (b *backend) add(e heal.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *backend) Status(context.Context) (heal.SidecarStatus, error) {
	return heal.SidecarStatus{Version: "v", Agents: []heal.AgentStatus{{Agent: "a"}}}, nil
}
func (b *backend) Stats(context.Context) (heal.Stats, error) { return heal.Stats{Errors: 3}, nil }
func (b *backend) Patterns(_ context.Context, agent string) ([]heal.PatternStats, error) {
	return []heal.PatternStats{{Agent: agent}}, b.refuse
}
func (b *backend) Snapshots(_ context.Context, agent string, _ bool) ([]heal.Generation, error) {
	return []heal.Generation{{Snapshot: agent}}, b.refuse
}
func (b *backend) Knowledge(_ context.Context, templates bool) (heal.Knowledge, error) {
	return heal.Knowledge{Version: heal.KnowledgeVersion, Host: fmt.Sprint(templates)}, b.refuse
}
func (b *backend) Hear(_ context.Context, k heal.Knowledge) (int, error) {
	return len(k.Patterns), b.refuse
}
func (b *backend) Order(_ context.Context, o heal.Order) error {
	b.orders <- o
	return b.refuse
}
func (b *backend) Events(after uint64) func(func(heal.Event) bool) error {
	return func(each func(heal.Event) bool) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range b.events {
			if e.Seq > after && each(e) {
				after = e.Seq
			}
		}
		return nil
	}
}
func (b *backend) Logs(_ context.Context, q heal.LogQuery, each func(heal.LogLine) bool) error {
	each(heal.LogLine{Stream: "stdout", Text: q.Agent})
	return b.refuse
}
func (b *backend) Refused(int, int, string) {}
func (b *backend) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

func serve(t *testing.T, b *backend) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), SocketName)
	s, err := Listen(path, b)
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve()
	t.Cleanup(s.Close)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v", info.Mode(), err)
	}
	return Dial(path)
}

func TestVerbsReachTheBackend(t *testing.T) {
	b := &backend{orders: make(chan heal.Order, 1)}
	c := serve(t, b)
	if s, err := c.Status(t.Context()); err != nil || s.Agents[0].Agent != "a" {
		t.Errorf("status: %+v, %v", s, err)
	}
	if s, err := c.Stats(t.Context()); err != nil || s.Errors != 3 {
		t.Errorf("stats: %+v, %v", s, err)
	}
	if p, err := c.Patterns(t.Context(), "x&y"); err != nil || p[0].Agent != "x&y" {
		t.Errorf("patterns: %+v, %v", p, err)
	}
	forged := heal.Order{Command: heal.CommandStop, Agent: "a", UID: 12345, PID: 1}
	if err := c.Order(t.Context(), forged); err != nil {
		t.Fatal(err)
	}
	if o := <-b.orders; o.UID != os.Geteuid() || o.PID != os.Getpid() {
		t.Errorf("the order is booked on uid %d, pid %d: want the kernel's word", o.UID, o.PID)
	}
}

func TestRefusalIsOneSentence(t *testing.T) {
	b := &backend{orders: make(chan heal.Order, 1), refuse: errors.New(`cannot find agent "x"`)}
	err := serve(t, b).Order(t.Context(), heal.Order{Command: heal.CommandStop, Agent: "x"})
	if err == nil || err.Error() != `cannot find agent "x"` {
		t.Errorf("got %v", err)
	}
}

func TestFollowGoesOnWithWhatHappensNext(t *testing.T) {
	b := &backend{events: []heal.Event{{Seq: 1}, {Seq: 2}}, changed: make(chan struct{})}
	c := serve(t, b)
	var seen []uint64
	err := c.Events(t.Context(), 1, true, func(e heal.Event) bool {
		seen = append(seen, e.Seq)
		if e.Seq == 2 {
			b.add(heal.Event{Seq: 3})
		}
		return e.Seq < 3
	})
	if err != nil || !slices.Equal(seen, []uint64{2, 3}) {
		t.Errorf("saw %v, %v", seen, err)
	}
}

func TestHostileRequestsHarmNothing(t *testing.T) {
	b := &backend{orders: make(chan heal.Order, 1)}
	c := serve(t, b)
	for name, request := range map[string]string{
		"garbage":       "\x00\x01\x02 nonsense\r\n\r\n",
		"no such thing": "GET /v1/secrets HTTP/1.1\r\nHost: x\r\n\r\n",
		"act by GET":    "GET /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n",
		"no JSON":       "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
		"gigabyte":      "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n{\"agent\":\"" + strings.Repeat("a", 2*maxBody),
	} {
		conn, err := net.Dial("unix", c.path)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = conn.Write([]byte(request))
		answer := make([]byte, 64)
		n, _ := conn.Read(answer)
		if strings.Contains(string(answer[:n]), "200 OK") {
			t.Errorf("%s: answered %q", name, answer[:n])
		}
		conn.Close()
	}
	if len(b.orders) != 0 {
		t.Errorf("an order came through: %+v", <-b.orders)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("the server does not answer any more: %v", err)
	}
}

func TestSocketPathThatIsTooLongIsNamed(t *testing.T) {
	if _, err := Listen(filepath.Join(t.TempDir(), strings.Repeat("x", 120)), &backend{}); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
}

// TestTheDescriptionIsTrue: docs/openapi.json is what the server says of itself, and every
// route is in it.
func TestTheDescriptionIsTrue(t *testing.T) {
	want, err := json.MarshalIndent(Describe(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	const path = "../../docs/openapi.json"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
		t.Errorf("%s is not what the server says (%v); UPDATE=1 go test ./internal/control writes it", path, err)
	}
	text := string(want)
	for _, r := range routes() {
		if !strings.Contains(text, `"`+r.path+`"`) {
			t.Errorf("%s is not described", r.path)
		}
	}
	for _, ref := range regexp.MustCompile(`#/components/schemas/([A-Za-z]+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, `"`+ref[1]+`": {`) {
			t.Errorf("%s is referred to and not described", ref[1])
		}
	}
}

// TestClasses: who may read may not act, and who may act may not administer.
func TestClasses(t *testing.T) {
	a := &Access{Read: People{UIDs: []int{10}}, Act: People{UIDs: []int{11}}, Admin: People{UIDs: []int{12}}}
	for uid, may := range map[int][]Class{0: {Read, Act, Admin}, 10: {Read}, 11: {Read, Act}, 12: {Read, Act, Admin}, 13: {}, -1: {}} {
		for _, class := range classes {
			if uid == os.Geteuid() && uid != 0 {
				continue
			}
			if got := a.allows(peer{uid: uid}, class); got != slices.Contains(may, class) {
				t.Errorf("uid %d may %s: %v", uid, class, got)
			}
		}
	}
	var none *Access
	if none.allows(peer{uid: 10}, Read) && os.Geteuid() != 10 {
		t.Error("a stranger may read the private socket")
	}
	if classOf(heal.CommandStop) != Act || classOf(heal.CommandReload) != Admin || classOf("whatever") != Admin {
		t.Error("an order is in the wrong class")
	}
}
