package unresolved

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// TestWhatAgreesWithALine plays output: a letter is a second. F is a line that is flagged, G one that
// another rule flags, D one whose wording alone speaks of a failure, W one of work done, T a report of
// several lines, N a normal line, P a probe that is answered well, and a dot is silence.
func TestWhatAgreesWithALine(t *testing.T) {
	repeat := func(s string, n int) (out string) {
		for range n {
			out += s
		}
		return out
	}
	for _, row := range []struct {
		name, output string
		called       bool
	}{
		{"one line among many", repeat("N", 30) + "F" + repeat("N", 60), false},
		{"a line now and then", repeat(repeat("N", 12)+"F", 10), false},
		{"the same again and again", repeat("N", 10) + repeat("F....", 12), true},
		{"with a note on each retry", repeat("N", 10) + repeat("FN...", 12), true},
		{"different ones, mostly", repeat("N", 10) + repeat("FG...", 12), true},
		{"different ones among others", repeat("N", 10) + repeat("FNGNN.", 12), false},
		{"a burst that is over", repeat("N", 10) + "FFFFF" + repeat("N", 50), false},
		{"silence after it", repeat("N", 10) + "F" + repeat(".", 40), true},
		{"silence after a last word", repeat("N", 10) + "FN" + repeat(".", 40), true},
		{"silence that is usual", repeat("N"+repeat(".", 20), 6) + "F" + repeat(".", 40), false},
		{"silence from the start", "F" + repeat(".", 50), true},
		{"again and again while a probe is answered", repeat("N", 10) + repeat("F.P..", 24), false},
		{"again and again, and no answer since", repeat("N", 10) + "P" + repeat("F....", 24), true},
		{"silence while a probe is answered", repeat("N", 10) + "F" + repeat("....P", 24), false},
		{"doubtful words, and the usual work goes on", repeat("N", 10) + repeat("DN...", 12), false},
		{"doubtful words in the place of the usual work", repeat("N", 10) + repeat("D....", 12), true},
		{"doubtful words from the start, and nothing else", repeat("D....", 24), true}, {"a few doubtful words from the start", repeat("D....", 7), false},
		{"each failure is followed by work", repeat("N", 10) + repeat("FW...", 24), false},
		{"a long report with each failure", repeat("N", 10) + repeat("FT...", 12), true},
		{"silence that breaks a rhythm, after doubtful words", repeat("N", 20) + "D" + repeat(".", 50), true},
		{"silence after doubtful words", "D" + repeat(".", 80), false},
		{"work, then silence", repeat("N", 10) + "F" + repeat("N", 10) + repeat(".", 50), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			called := 0
			play(row.output, func(at int, _ *Judge, why string) {
				called++
				fmt.Fprintln(t.Output(), at, why)
			})
			if called > 1 || (called == 1) != row.called {
				t.Errorf("people were called %d times: want %v", called, row.called)
			}
		})
	}
}

// play prints what each letter stands for, one in a second, and says when people are called.
func play(output string, called func(at int, j *Judge, why string)) {
	now, begin := time.Unix(1000, 0), time.Unix(1000, 0)
	var j Judge
	doubt := func(text []byte) Doubt {
		switch text[0] {
		case 'D':
			return Failing
		case 'W':
			return Working
		}
		return Neutral
	}
	for _, c := range output {
		now = now.Add(time.Second)
		line := string(c) + " said this\n"
		switch {
		case c == 'P':
			j.Proven(now)
		case strings.ContainsRune("FGR", c):
			if c == 'R' {
				line = "F said this (3/100)\n"
			}
			j.Flag(heal.Match{Rule: string(c)}, string(c), []byte(strings.TrimSpace(line)), "text")
			fallthrough
		case c == 'T': // a report of several lines goes with what was printed before
			if c == 'T' {
				line = "Traceback (most recent call last):\n  in it\nError: it\n"
			}
			fallthrough
		case c != '.':
			j.Printed([]byte(line), doubt, now)
		}
		if why := j.Verdict(now); why != "" {
			called(int(now.Sub(begin).Seconds()), &j, why)
		}
	}
}

// TestAnotherLineIsToldOfAgain: what was told may be normal for the agent; a line of another kind behind
// it is not lost, and each kind is told of once.
func TestAnotherLineIsToldOfAgain(t *testing.T) {
	var told [][]string
	play(strings.Repeat("F....", 10)+strings.Repeat("G....", 10)+strings.Repeat("FG...", 10), func(_ int, j *Judge, _ string) {
		_, _, templates := j.Latest()
		told = append(told, templates)
	})
	if want := [][]string{{"F"}, {"G"}}; !reflect.DeepEqual(told, want) {
		t.Errorf("told of %v: want %v", told, want)
	}
}

// TestPatience: an agent that tries again by a schedule of its own is given more time.
func TestPatience(t *testing.T) {
	for _, row := range []struct {
		name, output string
		from, to     int
	}{
		{"steady", strings.Repeat("F....", 30), 25, 35},
		{"pauses that grow", "F." + "F..." + "F......" + "F........" + "F............" + "F..............." + "F..................." + "F.......................", 50, 75},
		{"a count of attempts that are left", strings.Repeat("R....", 30), 50, 60},
	} {
		at := 0
		play(row.output, func(now int, _ *Judge, _ string) { at = now })
		if at < row.from || at > row.to {
			t.Errorf("%s: called after %d s: want %d to %d", row.name, at, row.from, row.to)
		}
	}
}

// FuzzPrinted: no output breaks the bounds.
func FuzzPrinted(f *testing.F) {
	f.Add([]byte("a\n  b\n\nTraceback (most recent call last):\n x\n"), byte(3))
	f.Fuzz(func(t *testing.T, block []byte, pause byte) {
		var j Judge
		now := time.Unix(1000, 0)
		for i := range 20 {
			now = now.Add(time.Duration(pause) * time.Second)
			j.Flag(heal.Match{}, "x", block[:len(block)*i/20], "x")
			j.Printed(append(block, '\n'), func([]byte) Doubt { return Doubt(i % 3) }, now)
			j.Verdict(now)
		}
		if len(j.kinds) > mostKinds || len(j.known) > mostTemplates || len(j.buffer) > mostLooked+1 {
			t.Errorf("kept %d kinds, %d templates, %d messages", len(j.kinds), len(j.known), len(j.buffer))
		}
	})
}
