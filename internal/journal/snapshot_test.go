package journal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func decodeTo(state any) func([]byte) error {
	return func(b []byte) error { return json.Unmarshal(b, state) }
}

// TestAFlippedBitInTheLedgerIsNeverBelieved: the one before it is taken, from which the journal
// goes on.
func TestAFlippedBitInTheLedgerIsNeverBelieved(t *testing.T) {
	type state struct {
		Down map[string]bool `json:"down"`
	}
	dir := t.TempDir()
	path := filepath.Join(dir, snapshotFile)
	for seq := range uint64(2) {
		if err := SaveSnapshot(dir, seq+7, state{map[string]bool{"a": true}}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		for bit := range 8 {
			flipped := append([]byte(nil), whole...)
			flipped[at] ^= 1 << bit
			if err := os.WriteFile(path, flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			var got state
			seq, _, err := LoadSnapshot(dir, decodeTo(&got))
			if err != nil || !got.Down["a"] || len(got.Down) != 1 || seq != 7 && seq != 8 {
				t.Fatalf("bit %d of byte %d: %d, %v, %v", bit, at, seq, got, err)
			}
		}
	}
}

// TestALedgerWithoutAChecksumIsRead: it was written before there was one.
func TestALedgerWithoutAChecksumIsRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, snapshotFile), []byte(`{"version":1,"seq":3,"state":{"x":1}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var got map[string]int
	if seq, damaged, err := LoadSnapshot(dir, decodeTo(&got)); err != nil || damaged || seq != 3 || got["x"] != 1 {
		t.Errorf("%d, %v, %v, %v", seq, damaged, got, err)
	}
}

// TestAFolderInPlaceOfTheLedger stops nothing, and the next snapshot is written.
func TestAFolderInPlaceOfTheLedger(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, snapshotFile, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	var got map[string]int
	if seq, damaged, err := LoadSnapshot(dir, decodeTo(&got)); err != nil || !damaged || seq != 0 {
		t.Errorf("%d, %v, %v", seq, damaged, err)
	}
	if err := SaveSnapshot(dir, 4, map[string]int{"x": 1}); err != nil {
		t.Fatal(err)
	}
	if seq, _, err := LoadSnapshot(dir, decodeTo(&got)); err != nil || seq != 4 {
		t.Errorf("%d, %v", seq, err)
	}
}
