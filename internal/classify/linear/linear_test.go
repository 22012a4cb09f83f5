package linear

import (
	"slices"
	"strings"
	"testing"

	"healer-sidecar/internal/heal"
)

// TestColumnsAreTheTypes: the table has a column for each type, in their order, and one more.
func TestColumnsAreTheTypes(t *testing.T) {
	if len(heal.ErrorTypes) != Types {
		t.Errorf("%d types, %d columns", len(heal.ErrorTypes), Types)
	}
}

func TestDecodeRefusesOtherTables(t *testing.T) {
	for _, table := range []string{"", weights[1:], weights + "x"} {
		if _, err := Decode(table); err == nil {
			t.Errorf("a table of %d bytes is taken", len(table))
		}
	}
}

// TestEncodeKeepsTheWeights: each weight comes back within half a step of its column.
func TestEncodeKeepsTheWeights(t *testing.T) {
	var columns [Columns][]float64
	for k := range columns {
		columns[k] = make([]float64, Buckets)
		columns[k][7*k] = 0.5 * float64(k+1)
		columns[k][40000+k] = -0.1
	}
	m, err := Decode(string(Encode(columns)))
	if err != nil {
		t.Fatal(err)
	}
	for k, column := range columns {
		for _, id := range []int{7 * k, 40000 + k, 9} {
			got := float64(int8(m.rows[id*Columns+k])) * m.scale[k]
			if d := got - column[id]; d > m.scale[k]/2 || d < -m.scale[k]/2 {
				t.Errorf("column %d, bucket %d: %v became %v", k, id, column[id], got)
			}
		}
	}
}

// TestFeaturesSeeWhatMatters: numbers, gaps, case and addresses do not matter; zero, words and the end do.
func TestFeaturesSeeWhatMatters(t *testing.T) {
	var a, b Buffer
	of := func(buf *Buffer, line string, exit *heal.Exit) []uint16 {
		return slices.Sorted(slices.Values(buf.Features([]string{line}, exit)))
	}
	died := &heal.Exit{Code: 1}
	for _, row := range []struct {
		one, other string
		exit       *heal.Exit
		same       bool
	}{
		{"took 31 ms at 10", "took  7\tms at 99", nil, true},
		{"Connection REFUSED", "connection refused", nil, true},
		{"get https://a.example/x?y=1 failed", "get https://b.example/ failed", nil, true},
		{"3 failed", "0 failed", nil, false},
		{"disk full", "disk fine", nil, false},
		{"disk full", "disk full", died, false},
	} {
		one, other := of(&a, row.one, nil), of(&b, row.other, row.exit)
		if same := slices.Equal(one, other); same != row.same {
			t.Errorf("%q and %q (%v) have the same features: %v", row.one, row.other, row.exit, same)
		}
	}
}

// TestFeaturesAreBounded: whatever is asked, the last lines count and each only so far; nothing is left
// in a buffer for the next call.
func TestFeaturesAreBounded(t *testing.T) {
	var b Buffer
	lines := slices.Repeat([]string{strings.Repeat("x1 ", 1<<16)}, 100)
	if n := len(b.Features(lines, nil)); n > 100 {
		t.Errorf("%d features of one word", n)
	}
	b.Features([]string{"something else"}, &heal.Exit{Signal: "SIGKILL"})
	var fresh Buffer
	if !slices.Equal(b.Features([]string{"disk full"}, nil), fresh.Features([]string{"disk full"}, nil)) {
		t.Error("a buffer remembers what it was asked before")
	}
	if (*Default).Score(&b, nil, nil) != (*Default).Score(&fresh, []string{"", " "}, nil) {
		t.Error("empty lines say something")
	}
}

func FuzzScore(f *testing.F) {
	f.Add("panic: boom", "goroutine 1", 2)
	f.Add("\xff\x00", "https://", 0)
	f.Fuzz(func(t *testing.T, one, other string, code int) {
		var b Buffer
		for _, s := range Default.Score(&b, []string{one, other}, &heal.Exit{Code: code}).Shares() {
			if !(s >= 0 && s <= 1) {
				t.Fatalf("share %v", s)
			}
		}
		Default.Tellers([]string{one, other}, 3, 5)
	})
}

// BenchmarkScore is the cost of a verdict over eight usual lines.
func BenchmarkScore(b *testing.B) {
	lines := slices.Repeat([]string{
		`2026-03-01 10:00:01,120 ERROR agent.tools: request to planner failed after 3 attempts: connection reset by peer`,
		`    await self.client.send(request, timeout=self.timeout, retries=policy.retries)`,
	}, 4)
	var buffer Buffer
	b.ReportAllocs()
	for b.Loop() {
		Default.Score(&buffer, lines, nil)
	}
}
