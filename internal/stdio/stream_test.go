package stdio

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// events collects what a server tells.
type events struct {
	mu  sync.Mutex
	all []Event
	ch  chan Event
}

func newEvents() *events { return &events{ch: make(chan Event, 100)} }

func (e *events) tell(ev Event) {
	e.mu.Lock()
	e.all = append(e.all, ev)
	e.mu.Unlock()
	e.ch <- ev
}

// await returns the next event of a kind.
func (e *events) await(t testing.TB, kind string) Event {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case ev := <-e.ch:
			if ev.Kind == kind {
				return ev
			}
		case <-late:
			t.Fatalf("no event %q came", kind)
		}
	}
}

// tb is what both tests and properties can fail.
type tb interface {
	Fatalf(string, ...any)
}

func pipe(t tb) (r, w *os.File) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatalf("cannot make a pipe: %v", err)
	}
	return r, w
}

func noise(n int, seed uint64) []byte {
	b := make([]byte, n)
	rnd := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}

// serverOf copies one stream into the pipe whose other end is returned.
func serverOf(t testing.TB, e *events) (*server, *os.File) {
	reader, dest := pipe(t)
	var c command
	c.with("stdout", dest)
	st := state{Streams: []streamState{{Name: "stdout", Spool: filepath.Join(t.TempDir(), "spool")}}}
	return newServer(st, c, e.tell), reader
}

func startRun(t tb, s *server, run int) *os.File {
	source, agent := pipe(t)
	c := command{Op: opRun, Run: run}
	c.with("stdout.run", source)
	s.do(c)
	return agent
}

// TestEveryByteArrives: whatever sizes are written and read, in whichever number of runs, and however
// often the copying is handed over meanwhile, the reader gets the same bytes in the same order.
func TestEveryByteArrives(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		e := newEvents()
		reader, dest := pipe(r)
		var c command
		c.with("stdout", dest)
		s := newServer(state{Streams: []streamState{{Name: "stdout"}}}, c, e.tell)
		runs := rapid.IntRange(1, 3).Draw(r, "runs")
		slow := rapid.IntRange(1000, 1<<18).Draw(r, "read at once")
		var want []byte
		sums := make(chan [32]byte, 1)
		go func() {
			h := sha256.New()
			_, _ = io.CopyBuffer(h, struct{ io.Reader }{reader}, make([]byte, slow))
			sums <- [32]byte(h.Sum(nil))
		}()
		for run := 1; run <= runs; run++ {
			agent := startRun(r, s, run)
			for range rapid.IntRange(0, 6).Draw(r, "writes") {
				b := noise(rapid.IntRange(1, 300_000).Draw(r, "size"), uint64(len(want)))
				want = append(want, b...)
				s = writeThrough(r, s, e, agent, b)
			}
			agent.Close()
			s.do(command{Op: opEnded, Run: run})
		}
		for delivered := 0; delivered < runs; {
			if ev := <-e.ch; ev.Kind == Delivered {
				delivered++
			}
		}
		dest.Close()
		if got := <-sums; got != sha256.Sum256(want) {
			r.Fatalf("the reader got other bytes than the %d that were written", len(want))
		}
	})
}

// writeThrough writes as the run does, and perhaps hands the copying over then.
func writeThrough(r *rapid.T, s *server, e *events, agent *os.File, b []byte) *server {
	if _, err := agent.Write(b); err != nil {
		r.Fatalf("cannot write: %v", err)
	}
	if !rapid.Bool().Draw(r, "hand over") {
		return s
	}
	c, ok := s.handOver()
	if !ok {
		return s
	}
	body, err := json.Marshal(c) // as it gets to another process
	var there command
	if err == nil {
		err = json.Unmarshal(body, &there)
	}
	if err != nil {
		r.Fatalf("cannot send what is handed over: %v", err)
	}
	there.files = c.files
	return newServer(*there.State, there, e.tell)
}

// TestAReaderThatIsGoneIsGoneForTheRun: what would end the bare command ends the wrapped one.
func TestAReaderThatIsGoneIsGoneForTheRun(t *testing.T) {
	e := newEvents()
	s, reader := serverOf(t, e)
	agent := startRun(t, s, 1)
	reader.Close()
	for {
		if _, err := agent.Write([]byte("y\n")); err != nil {
			break
		}
	}
	if ev := e.await(t, Broken); ev.Fault != "EPIPE" {
		t.Errorf("the reader is gone by %s, not EPIPE", ev.Fault)
	}
	next := startRun(t, s, 2)
	if _, err := next.Write([]byte("x")); err == nil {
		t.Error("a further run can write although nobody reads")
	}
}

// TestASlowReaderSlowsTheRun: at most the queue and two pipes are ahead of the reader.
func TestASlowReaderSlowsTheRun(t *testing.T) {
	s, reader := serverOf(t, newEvents())
	agent := startRun(t, s, 1)
	_ = agent.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	n, err := agent.Write(make([]byte, 64<<20))
	if err == nil {
		t.Fatal("64 MiB were taken although nobody read any")
	}
	if most := queueMost + 3*chunkSize + 64<<10; n > most {
		t.Errorf("%d bytes were taken, more than %d", n, most)
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	_ = agent.SetWriteDeadline(time.Time{})
	if _, err := agent.Write(make([]byte, 8<<20)); err != nil {
		t.Errorf("the run cannot go on when there is a reader: %v", err)
	}
}

// TestLastWordsAreRecordedAlthoughNobodyReads: detectors do not wait for a reader.
func TestLastWordsAreRecordedAlthoughNobodyReads(t *testing.T) {
	e := newEvents()
	s, reader := serverOf(t, e)
	defer reader.Close()
	agent := startRun(t, s, 1)
	go func() {
		_, _ = agent.Write(bytes.Repeat([]byte("filler\n"), 14_000))
		_, _ = agent.Write([]byte("panic: boom\n"))
		agent.Close()
		s.do(command{Op: opEnded, Run: 1})
	}()
	e.await(t, Recorded)
	b, err := os.ReadFile(s.streams[0].rec.path)
	if err != nil || !bytes.HasSuffix(b, []byte("panic: boom\n")) {
		t.Errorf("the last words are not recorded (%d bytes, %v)", len(b), err)
	}
}

// TestRecorder loses whole lines at most, counts them, and keeps the end.
func TestRecorder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool")
	r := newRecorder(path)
	now := time.Unix(1000, 0)
	line := bytes.Repeat([]byte("0123456789abcde\n"), 4096)
	written := 0
	for range 1000 { // faster than is recorded
		r.write(line, now)
		written += len(line)
	}
	r.write([]byte("the end\n"), now)
	written += len("the end\n")
	r.close()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got)+int(r.lost) != written {
		t.Errorf("%d bytes are recorded and %d lost, of %d", len(got), r.lost, written)
	}
	if len(got) > recordSaved+3*tailRoom || !bytes.HasSuffix(got, []byte("the end\n")) {
		t.Errorf("%d bytes are recorded, and they end with %q", len(got), got[len(got)-10:])
	}
	for l := range bytes.Lines(got) {
		if len(l) != 16 && string(l) != "the end\n" {
			t.Fatalf("a line is cut: %q", l)
		}
	}
}

// TestRecorderWithoutADisk keeps the end in memory until there is one.
func TestRecorderWithoutADisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	r := newRecorder(filepath.Join(dir, "spool"))
	r.write([]byte("first\n"), time.Now())
	if r.fault == "" {
		t.Error("nobody is told that nothing is recorded")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r.write([]byte("second\n"), time.Now())
	r.close()
	if b, _ := os.ReadFile(r.path); string(b) != "first\nsecond\n" || r.fault != "" {
		t.Errorf("recorded: %q, fault %q", b, r.fault)
	}
}
