package snapshot

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOnlyWhatIsProvenIsKept: a version counts as good when the agent was well with it for a
// whole window, and not because it was there when somebody looked.
func TestOnlyWhatIsProvenIsKept(t *testing.T) {
	b := newBench(t, "config")
	b.snap.After = time.Hour
	b.write("config", "good")
	begun := time.Now()
	prove := func(at time.Duration, wellSince time.Duration) bool {
		t.Helper()
		_, kept, err := b.store.Prove("a", b.snap, begun.Add(at), begun.Add(wellSince))
		b.do(err)
		return kept
	}
	if prove(time.Minute, -3*time.Hour) {
		t.Fatal("what was written a minute ago is proven")
	}
	if prove(30*time.Minute, -3*time.Hour) {
		t.Fatal("half a window is enough")
	}
	if !prove(62*time.Minute, -3*time.Hour) {
		t.Fatal("after a window it is not kept")
	}
	b.write("config", "bad") // its time is now, long before the window that follows
	if prove(63*time.Minute, 62*time.Minute) {
		t.Fatal("a version is kept that the agent was not well with for a window")
	}
	if prove(64*time.Minute, 63*time.Minute+time.Second) {
		t.Fatal("a candidate is kept though the agent was unwell since it was taken")
	}
	all := b.store.List("a", "state")
	if len(all) != 1 || all[0].Trees[0].Entries[0].Size != 4 {
		t.Fatalf("kept %+v", all)
	}
	// What has not changed within the window needs no second look.
	b.write("config", "better")
	if !prove(3*time.Hour, time.Hour) {
		t.Error("what was there for a whole window is not proven")
	}
	if left, _ := filepath.Glob(filepath.Join(b.store.Dir, "a", "state", "taking*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestEveryWindowKeepsOne: what changes all the time is kept once in each window, not in every
// second one.
func TestEveryWindowKeepsOne(t *testing.T) {
	b := newBench(t, "config")
	b.snap.After, b.snap.Keep = time.Hour, 10
	begun := time.Now()
	for n := range 5 {
		b.write("config", strings.Repeat("x", n+1))
		_, kept, err := b.store.Prove("a", b.snap, begun.Add(time.Duration(n)*time.Hour), begun.Add(-3*time.Hour))
		b.do(err)
		if kept != (n > 0) {
			t.Errorf("after %d windows something was kept: %v", n, kept)
		}
	}
}
