package journal

import (
	"fmt"
	"slices"
	"testing"

	"healer-sidecar/internal/heal"
)

func notesOf(t *testing.T, r *Reader, most int) []string {
	t.Helper()
	var notes []string
	err := r.Read(func(e heal.Event) bool {
		notes = append(notes, e.Note)
		return len(notes) < most
	})
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func TestReaderGoesOnWhereItStopped(t *testing.T) {
	dir := t.TempDir()
	j, _, err := Open(dir, 0, func(heal.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	add := func(from, to int) {
		for i := from; i <= to; i++ {
			if err := j.Append([]heal.Event{{Kind: heal.EventNote, Note: fmt.Sprint(i)}}, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	j.limit = 1 // each synced append fills a segment
	add(1, 4)
	r := j.After(1)
	if got := notesOf(t, r, 2); !slices.Equal(got, []string{"2", "3"}) {
		t.Errorf("the first look served %v", got)
	}
	add(5, 5)
	add(6, 7)
	if names, _ := segments(dir); len(names) < 2 {
		t.Fatalf("segments are %v", names)
	}
	if got := notesOf(t, r, 100); !slices.Equal(got, []string{"4", "5", "6", "7"}) {
		t.Errorf("the second look served %v", got)
	}
	if got := notesOf(t, r, 100); got != nil {
		t.Errorf("the third look served %v", got)
	}
	if got := notesOf(t, j.After(5), 100); !slices.Equal(got, []string{"6", "7"}) {
		t.Errorf("a reader after 5 served %v", got)
	}
}
