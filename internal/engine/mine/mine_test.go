package mine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestWordsVaryAfterFive(t *testing.T) {
	var m Miner
	names := []string{"alice", "bob", "carol", "dave", "erin", "frank"}
	got := ""
	for _, n := range names {
		got = m.General("a", "quota of user "+n+" is used up")
	}
	if got != "quota of user <*> is used up" {
		t.Errorf("got %q", got)
	}
	if got := m.General("a", "quota of user alice is used up"); got != "quota of user <*> is used up" {
		t.Errorf("an earlier one is now %q", got)
	}
	if got := m.General("b", "quota of user alice is used up"); strings.Contains(got, Wild) {
		t.Errorf("another program: %q", got)
	}
}

func TestFewWordsStayApart(t *testing.T) {
	var m Miner
	for _, w := range []string{"read", "write", "open", "close"} {
		for range 100 {
			if got := m.General("a", "cannot "+w+" the device"); strings.Contains(got, Wild) {
				t.Fatalf("got %q", got)
			}
		}
	}
}

func TestCodesStayApart(t *testing.T) {
	var m Miner
	for code := range 20 {
		want := fmt.Sprintf("the answer is http %d", 400+code)
		if got := m.General("a", want); got != want {
			t.Fatalf("got %q", got)
		}
	}
}

func TestTwoPlacesAtMost(t *testing.T) {
	var m Miner
	got := ""
	for range 3 {
		for i := range 8 {
			for j := range 8 {
				got = m.General("a", fmt.Sprintf("tool %c of %c failed", 'a'+i, 'p'+j))
			}
		}
	}
	if got != "tool <*> of <*> failed" {
		t.Errorf("got %q", got)
	}
}

func TestMemoryIsBoundedAndSurvivesASnapshot(t *testing.T) {
	var m Miner
	for i := range 3 * maxPlaces {
		word := strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i))
		m.General("a", "one more "+word+" message of many")
	}
	if n := len(m.Places) + len(m.Old); n > maxPlaces {
		t.Errorf("%d places", n)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Miner
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if got := again.General("a", "one more zzz message of many"); got != m.General("a", "one more zzz message of many") {
		t.Errorf("after the snapshot: %q", got)
	}
}

func FuzzGeneral(f *testing.F) {
	f.Add("quota of user alice is used up")
	f.Fuzz(func(t *testing.T, message string) {
		var m Miner
		a, b := m.General("s", message), m.General("s", message)
		if a != b {
			t.Errorf("%q, then %q", a, b)
		}
	})
}
