package match

import (
	"testing"

	"pgregory.net/rapid"
)

// TestCursorMovesPartWords holds what programs that draw really print.
func TestCursorMovesPartWords(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"moved over instead of spaces", "Failed\x1b[1Cto\x1b[1Cconnect\x1b[1Cto\x1b[Capi.anthropic.com:\x1b[1CECONNREFUSED",
			"Failed to connect to api.anthropic.com: ECONNREFUSED"},
		{"in colours", "\x1b[38;5;211m  ⎿  \x1b[39mAPI\x1b[1C\x1b[1mError\x1b[22m:\x1b[1C529\x1b[K", "  ⎿  API Error: 529"},
		{"columns", "pid\x1b[3Cname", "pid   name"},
		{"rows", "\x1b[2J\x1b[HStatus\x1b[2;1HError:\x1b[3;5Hno space left\x1b[24;1H", "Status Error: no space left"},
		{"column 1", "downloading 10%\x1b[2K\x1b[1Gfailed", "downloading 10% failed"},
		{"up and down", "first\x1b[1A\x1b[2Ksecond\x1b[Bthird", "first second third"},
		{"lines of a screen", "one\x1bEtwo\x1b8three", "one two three"},
		{"colours only", "ER\x1b[31mRO\x1b[0mR\x1b(B", "ERROR"},
		{"erasing and modes", "ER\x1b[K\x1b[?25hRO\x1b[>1uR\x1b[?2026h", "ERROR"},
		{"a space is there", "a \x1b[5;1Hb\x1b[6;1H c", "a b c"},
		{"too far", "a\x1b[9999Cb\x1b[99999999999999Cc", "a       b c"},
		{"indented", "\x1b[4Cat main.go", "    at main.go"},
		{"unfinished", "a\x1b[12", "a"},
		{"alone", "a\x1b", "a"},
	} {
		if got := string(Clean([]byte(c.in))); got != c.want {
			t.Errorf("%s: cleaned %q to %q, want %q", c.name, c.in, got, c.want)
		}
		if got := string(withoutEscapes([]byte(c.in), &Scratch{})); got != c.want {
			t.Errorf("%s: %q without escapes is %q, want %q", c.name, c.in, got, c.want)
		}
	}
	if got := string(Clean([]byte("one\rtwo\vthree\r\n"))); got != "one two three" {
		t.Errorf("got %q", got)
	}
	if got := string(withoutEscapes([]byte("a\x1b[3C\nb\x1b[H\nc"), &Scratch{})); got != "a\nb\nc" {
		t.Errorf("a move before the end of a line left something: %q", got)
	}
}

// TestCleaningNeverGrowsAText whatever it holds, and leaves nothing that a terminal obeys.
func TestCleaningNeverGrowsAText(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", " ", "\n", "\r", "\t", "\x1b", "\x1b[", "\x1b[9", "C", ";", "H", "\x1b[200C", "\x1b]0;", "\a", "é"})
	rapid.Check(t, func(t *rapid.T) {
		in := ""
		for _, p := range rapid.SliceOfN(piece, 0, 40).Draw(t, "pieces") {
			in += p
		}
		for _, out := range [][]byte{Clean([]byte(in)), withoutEscapes([]byte(in), &Scratch{})} {
			if len(out) > len(in) {
				t.Fatalf("%q grew to %q", in, out)
			}
			for _, b := range out {
				if b == escape {
					t.Fatalf("%q keeps an escape: %q", in, out)
				}
			}
		}
	})
}
