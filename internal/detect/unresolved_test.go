package detect

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

// TestWhatAgreesWithALine plays output: a letter is a second. F is a line that is flagged, G one that
// another rule flags, N a normal line, P a probe that is answered well, and a dot is silence.
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
		{"work, then silence", repeat("N", 10) + "F" + repeat("N", 10) + repeat(".", 50), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			now, called := time.Unix(1000, 0), 0
			var u unresolved
			for _, c := range row.output {
				now = now.Add(time.Second)
				if c == 'F' || c == 'G' {
					u.flag(heal.Match{Rule: string(c)}, string(c), "text", now)
				}
				if c == 'P' {
					u.proven = now
				} else if c != '.' {
					u.printedLines(1, now)
				}
				if why := u.verdict(now); why != "" {
					called++
					fmt.Fprintln(t.Output(), now.Unix()-1000, why)
				}
			}
			if called > 1 || (called == 1) != row.called {
				t.Errorf("people were called %d times: want %v", called, row.called)
			}
		})
	}
}

// TestAnotherLineIsToldOfAgain: what was told may be normal for the agent; a line of another kind behind
// it is not lost, and each kind is told of once.
func TestAnotherLineIsToldOfAgain(t *testing.T) {
	now := time.Unix(1000, 0)
	var u unresolved
	var told [][]string
	for _, c := range strings.Repeat("F....", 10) + strings.Repeat("G....", 10) + strings.Repeat("FG...", 10) {
		now = now.Add(time.Second)
		if c != '.' {
			u.flag(heal.Match{Rule: "r"}, string(c), "text", now)
			u.printedLines(1, now)
		}
		if u.verdict(now) != "" {
			told = append(told, u.templates)
		}
	}
	if want := [][]string{{"F"}, {"G"}}; !reflect.DeepEqual(told, want) {
		t.Errorf("told of %v: want %v", told, want)
	}
}
