package stdio

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func feed(t tb, in *input, run int) *os.File {
	r, w := pipe(t)
	if err := in.feed(run, w, 0); err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

func inputOf(t testing.TB, bound int64, tell func(Event)) (in *input, upstream *os.File) {
	skipWithoutPeek(t)
	source, upstream := pipe(t)
	record, err := os.OpenFile(filepath.Join(t.TempDir(), "record"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return newInput(source, record, 0, bound, "", tell), upstream
}

func skipWithoutPeek(t testing.TB) {
	if !canPeek {
		t.Skip("skip: an input cannot be looked ahead into on this system")
	}
}

// TestEveryRunReadsTheInputFromItsBeginning, and what none has read is left for others.
func TestEveryRunReadsTheInputFromItsBeginning(t *testing.T) {
	skipWithoutPeek(t)
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		source, upstream := pipe(r)
		record, err := os.CreateTemp(dir, "record")
		if err != nil {
			r.Fatalf("%v", err)
		}
		in := newInput(source, record, 0, 1<<30, "", func(Event) {})
		all := noise(rapid.IntRange(0, 400_000).Draw(r, "size"), 7)
		go func() {
			for rest := all; len(rest) > 0; {
				n, _ := upstream.Write(rest[:min(len(rest), 7001)])
				rest = rest[n:]
			}
			upstream.Close()
		}()
		most := 0
		for run := range rapid.IntRange(1, 4).Draw(r, "runs") {
			agent := feed(r, in, run+1)
			got := make([]byte, rapid.IntRange(0, len(all)).Draw(r, "reads"))
			if _, err := io.ReadFull(agent, got); err != nil {
				r.Fatalf("run %d cannot read: %v", run+1, err)
			}
			if !bytes.Equal(got, all[:len(got)]) {
				r.Fatalf("run %d has read something else", run+1)
			}
			most = max(most, len(got))
			in.end()
			agent.Close()
		}
		rest, err := io.ReadAll(source)
		if err != nil || !bytes.Equal(rest, all[most:]) {
			r.Fatalf("%d bytes are left of %d, of which %d were read (%v)", len(rest), len(all), most, err)
		}
	})
}

// TestTheEndOfTheInputIsTold to every run.
func TestTheEndOfTheInputIsTold(t *testing.T) {
	in, upstream := inputOf(t, 1<<20, func(Event) {})
	if _, err := upstream.Write([]byte("all")); err != nil {
		t.Fatal(err)
	}
	upstream.Close()
	for run := 1; run <= 3; run++ {
		agent := feed(t, in, run)
		if b, err := io.ReadAll(agent); string(b) != "all" || err != nil {
			t.Errorf("run %d has read %q: %v", run, b, err)
		}
		in.end()
		agent.Close()
	}
}

// TestInputBeyondTheBound is not recorded, and that is told with the reason.
func TestInputBeyondTheBound(t *testing.T) {
	e := newEvents()
	in, upstream := inputOf(t, 1000, e.tell)
	go func() {
		_, _ = upstream.Write(make([]byte, 5000))
		upstream.Close()
	}()
	agent := feed(t, in, 1)
	b, err := io.ReadAll(agent)
	if len(b) != 5000 || err != nil {
		t.Fatalf("the run has read %d bytes: %v", len(b), err)
	}
	in.end()
	if fed := e.await(t, Fed); fed.Read != 5000 || fed.Fault == "" {
		t.Errorf("told: %+v", fed)
	}
}

// TestInputIsHandedOver while a run reads it.
func TestInputIsHandedOver(t *testing.T) {
	in, upstream := inputOf(t, 1<<20, func(Event) {})
	agent := feed(t, in, 1)
	want := noise(200_000, 3)
	go func() {
		_, _ = upstream.Write(want)
		upstream.Close()
	}()
	got := make([]byte, 100_000)
	if _, err := io.ReadFull(agent, got); err != nil {
		t.Fatal(err)
	}
	st, sink := in.handOver()
	next := newInput(in.source, in.record, st.Taken, st.Bound, st.Lost, func(Event) {})
	if err := next.feed(1, sink, st.Given); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(agent)
	if err != nil || !bytes.Equal(append(got, rest...), want) {
		t.Errorf("the run has read other bytes: %d and %d of %d (%v)", len(got), len(rest), len(want), err)
	}
	next.end()
	again := feed(t, next, 2)
	if b, _ := io.ReadAll(again); !bytes.Equal(b, want) {
		t.Errorf("the next run has read other bytes: %d of %d", len(b), len(want))
	}
	next.end()
}
