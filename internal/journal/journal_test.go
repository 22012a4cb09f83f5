package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"healer-sidecar/internal/heal"
)

// write appends n events one by one and closes the journal.
func write(t testing.TB, dir string, n int) {
	t.Helper()
	j, _, err := Open(dir, 0, func(heal.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := j.Append([]heal.Event{{Kind: heal.EventNote, Note: fmt.Sprint("event ", i)}}, i%3 == 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// read opens a directory and returns the notes it serves and the damage it found.
func read(t testing.TB, dir string) ([]string, int) {
	t.Helper()
	var notes []string
	j, damaged, err := Open(dir, 0, func(e heal.Event) { notes = append(notes, e.Note) })
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return notes, damaged
}

func segmentOf(t testing.TB, dir string) string {
	t.Helper()
	names, err := segments(dir)
	if err != nil || len(names) != 1 {
		t.Fatalf("segments: %v, %v", names, err)
	}
	return filepath.Join(dir, names[0])
}

func TestEventsSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 5)
	write(t, dir, 5)
	notes, damaged := read(t, dir)
	if len(notes) != 10 || damaged != 0 {
		t.Errorf("got %d events and %d damaged", len(notes), damaged)
	}
}

func TestTornTailKeepsEverythingBefore(t *testing.T) {
	whole := t.TempDir()
	write(t, whole, 4)
	b, err := os.ReadFile(segmentOf(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(segmentOf(t, whole))
	last := len(b) - 1
	for ; b[last-1] != '\n'; last-- {
	}
	for cut := last; cut < len(b)-1; cut++ {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), b[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if notes, damaged := read(t, dir); len(notes) != 3 || damaged != min(cut-last, 1) {
			t.Fatalf("cut at %d: %d events, %d damaged", cut, len(notes), damaged)
		}
	}
}

func TestFlippedBitIsNeverServed(t *testing.T) {
	whole := t.TempDir()
	write(t, whole, 4)
	path := segmentOf(t, whole)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range b {
		dir := t.TempDir()
		flipped := append([]byte(nil), b...)
		flipped[at] ^= 1 << (at % 8)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		notes, _ := read(t, dir)
		for _, n := range notes {
			if len(n) != len("event 0") || n[:6] != "event " {
				t.Fatalf("flip at %d served %q", at, n)
			}
		}
		if len(notes) < 2 {
			t.Fatalf("flip at %d left %d of 4 events", at, len(notes))
		}
	}
}

func TestSnapshotOfNewerSidecarIsRefusedUntouched(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, snapshotFile)
	newer := []byte(`{"version":99,"seq":1,"state":{}}`)
	if err := os.WriteFile(path, newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadSnapshot(dir, func([]byte) error { return nil }); !errors.Is(err, ErrNewer) {
		t.Error("a newer ledger was read")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(newer) {
		t.Errorf("the file was changed: %q, %v", got, err)
	}
}

func TestSnapshotRoundTrip(t *testing.T) {
	dir := t.TempDir()
	if err := SaveSnapshot(dir, 7, map[string]int{"a": 1}); err != nil {
		t.Fatal(err)
	}
	var state map[string]int
	seq, damaged, err := LoadSnapshot(dir, func(b []byte) error { return json.Unmarshal(b, &state) })
	if err != nil || damaged || seq != 7 || state["a"] != 1 {
		t.Errorf("got %d, %v, %v, %v", seq, damaged, state, err)
	}
}

func FuzzDecode(f *testing.F) {
	line, err := encode(nil, heal.Event{Seq: 1, Kind: heal.EventNote, Note: "x"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line[:len(line)-1])
	f.Add([]byte(`{"crc":"00000000","event":{}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, ok := decode(line)
		if !ok {
			return
		}
		if _, err := encode(nil, e); err != nil {
			t.Errorf("a record that was read cannot be written: %v", err)
		}
	})
}
