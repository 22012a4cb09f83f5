package classify

import (
	"strings"
	"testing"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/heal"
	"healer-sidecar/internal/match"
)

// TestRulesOfTheOperatorSeeWholeLines: a word anywhere in a long line, across the border of any piece, and
// behind carriage returns; told once for a line.
func TestRulesOfTheOperatorSeeWholeLines(t *testing.T) {
	c, err := New([]rules.Rule{rules.Operators("guardrail", heal.SafetyViolation, "GUARDRAIL VIOLATION: wrote \\w+", "")})
	if err != nil {
		t.Fatal(err)
	}
	const word = "GUARDRAIL VIOLATION: wrote outside"
	for at := 0; at < 5*match.MaxLine; at += 97 {
		line := strings.Repeat("lorem ipsum ", at/12) + strings.Repeat("x", at%12) + " " + word + strings.Repeat(" y", 300)
		n := 0
		for _, m := range told(c, "first\n"+line+"\nlast\n") {
			if m.Rule == "guardrail" {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%d bytes before it: told %d times", at, n)
		}
	}
	for _, text := range []string{"\r10 %\r20 %\r" + word + "\n", "50 %\r" + word + "\r\n", word + "\r60 %\n"} {
		if got := told(c, text); len(got) != 1 {
			t.Errorf("%q: %v", text, got)
		}
	}
	if got := told(c, strings.Repeat("lorem ipsum ", 3000)+"\n"); len(got) != 0 {
		t.Errorf("a long line without it: %v", got)
	}
}

func told(c *Classifier, block string) (all []heal.Match) {
	c.Block([]byte(block), &Scratch{}, func(bool) bool { return true }, func(_ []byte, m heal.Match) { all = append(all, m) })
	return all
}

// TestAProgressBarIsNoPartOfTheError that is drawn over it.
func TestAProgressBarIsNoPartOfTheError(t *testing.T) {
	c, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Repeat("\rDownloading model:  10%|####      |  2000/20000 [00:01<00:10]", 20) + "\rOSError: [Errno 28] No space left on device"
	if m, ok := c.Line([]byte(line), &Scratch{}); !ok || m.Type != heal.ResourceExhaustion {
		t.Errorf("%v %v", m, ok)
	}
}
