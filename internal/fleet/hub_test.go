package fleet

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"healer-sidecar/internal/config"
	"healer-sidecar/internal/fleet/schema"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/hub"
)

// hubEnv makes the test program a hub, which can be killed: its value is the folder and the
// address.
const hubEnv = "HEALER_TEST_HUB"

func TestMain(m *testing.M) {
	dir, listen, is := strings.Cut(os.Getenv(hubEnv), "|")
	if !is {
		os.Exit(m.Run())
	}
	l := schema.DefaultLimits
	l.ArchiveBytes = 256 << 20
	say := func(format string, args ...any) {
		os.Stderr.WriteString(strings.TrimSpace(sprintf(format, args...)) + "\n")
	}
	err := hub.Serve(context.Background(), hub.Options{Dir: dir, Listen: listen, Limits: l, Log: say}, func(url string) { say("ready at %s", url) })
	if err != nil {
		say("%v", err)
		os.Exit(1)
	}
}

// hubProcess is a hub in a process of its own.
type hubProcess struct {
	t        *testing.T
	dir, url string
	cmd      *exec.Cmd
	mu       sync.Mutex
	lines    []string
}

func startHub(t *testing.T) *hubProcess {
	t.Helper()
	h := &hubProcess{t: t, dir: filepath.Join(t.TempDir(), "hub"), url: "nats://127.0.0.1:0"}
	h.start()
	t.Cleanup(h.kill)
	return h
}

// start starts the hub, on the address that it had before.
func (h *hubProcess) start() {
	h.t.Helper()
	h.cmd = exec.Command(os.Args[0])
	h.cmd.Env = append(os.Environ(), hubEnv+"="+h.dir+"|"+strings.TrimPrefix(h.url, "nats://"))
	out, err := h.cmd.StderrPipe()
	if err == nil {
		err = h.cmd.Start()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		in := bufio.NewScanner(out)
		for in.Scan() {
			if url, ok := strings.CutPrefix(in.Text(), "ready at "); ok {
				ready <- url
			}
			h.mu.Lock()
			h.lines = append(h.lines, in.Text())
			h.mu.Unlock()
		}
		close(ready)
	}()
	select {
	case url, ok := <-ready:
		if !ok {
			h.t.Fatalf("the hub ended: %v", h.said(""))
		}
		h.url = url
	case <-time.After(60 * time.Second):
		h.t.Fatal("the hub is not ready within a minute")
	}
}

// kill ends the hub as a power cut would.
func (h *hubProcess) kill() {
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

// said are the lines of the hub that hold a text.
func (h *hubProcess) said(text string) (all []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, line := range h.lines {
		if strings.Contains(line, text) {
			all = append(all, line)
		}
	}
	return all
}

// join makes a key for a host and the fleet block that goes with it.
func (h *hubProcess) join(group, name string) config.Fleet {
	h.t.Helper()
	book, err := hub.OpenBook(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	seed, _, err := book.Add(hub.Member{Kind: hub.KindHost, Group: group, Name: name}, true)
	if err != nil {
		h.t.Fatal(err)
	}
	path := filepath.Join(h.t.TempDir(), "fleet.nk")
	if err := os.WriteFile(path, []byte(seed+"\n"), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return config.Fleet{Servers: []string{h.url}, Credentials: path, Group: group, Host: name, Budget: config.DefaultFleetBudget}
}

// memory is a journal that holds its events in memory.
type memory struct {
	mu      sync.Mutex
	events  []heal.Event
	changed chan struct{}
	// note is what each event says.
	note string
}

func newMemory() *memory { return &memory{note: "something happened", changed: make(chan struct{})} }

func (m *memory) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range n {
		m.events = append(m.events, heal.Event{Seq: uint64(len(m.events) + 1), Kind: heal.EventNote, Note: m.note})
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

// trim forgets the first n events, as retention does.
func (m *memory) trim(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append([]heal.Event{}, m.events[n:]...)
}

func (m *memory) Events(after uint64) func(func(heal.Event) bool) error {
	return func(each func(heal.Event) bool) error {
		m.mu.Lock()
		events := m.events
		m.mu.Unlock()
		for _, e := range events {
			if e.Seq <= after {
				continue
			}
			after = e.Seq
			if !each(e) {
				break
			}
		}
		return nil
	}
}

func (m *memory) Changed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

func (m *memory) LastEvent() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.events) == 0 {
		return 0
	}
	return m.events[len(m.events)-1].Seq
}

// member is a client that runs, and what it noted.
type member struct {
	*Client
	journal *memory
	dir     string
	mu      sync.Mutex
	notes   []string
	stop    func()
	answers chan heal.FleetAnswer
	unwell  atomic.Bool
}

// agents are one, that is unwell when the member is told so.
func (m *member) agents(context.Context) []heal.AgentStatus {
	return []heal.AgentStatus{{Agent: "a", Health: "healthy", Incident: map[bool]string{true: "inc-1"}[m.unwell.Load()]}}
}

// ask puts a question and waits for the answer.
func (m *member) ask(t *testing.T, q heal.FleetAsk) heal.FleetAnswer {
	t.Helper()
	m.Ask(q)
	select {
	case a := <-m.answers:
		return a
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
	}
	return heal.FleetAnswer{}
}

func (m *member) noted(text string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return strings.Contains(strings.Join(m.notes, "\n"), text)
}

// run starts a client over a journal.
func run(t *testing.T, f config.Fleet, j *memory, dir string) *member {
	t.Helper()
	m := &member{journal: j, dir: dir, answers: make(chan heal.FleetAnswer, 16)}
	c, err := New(Options{Config: f, Dir: dir, Version: "test", Journal: j, Answer: func(a heal.FleetAnswer) { m.answers <- a }, Agents: m.agents, Note: func(n string) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.notes = append(m.notes, n)
	}})
	if err != nil {
		t.Fatal(err)
	}
	m.Client = c
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	var once sync.Once
	m.stop = func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(m.stop)
	return m
}

// eventually waits for something that other processes bring about.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	end := time.NewTimer(within)
	defer end.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("after %s still not so: %s", within, what)
		}
	}
}
