package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/classify/wait"
	"healer-sidecar/internal/engine/diagnose"
	"healer-sidecar/internal/heal"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func classifier(t testing.TB, own ...rules.Rule) *Classifier {
	t.Helper()
	c, err := New(own)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// judged is what the lines of a dead run mean, or with a nil exit of a living one.
func judged(c *Classifier, exit *heal.Exit, lines []string) heal.Diagnosis {
	return diagnose.Judge(c.Evidence(exit, lines, noon), diagnose.Context{})
}

func TestOperatorRuleComesFirst(t *testing.T) {
	c := classifier(t, rules.Rule{Name: "mine", Type: heal.GoalConflict, Strength: 1, Expr: "Connection refused", Operator: true})
	m, ok := c.Line([]byte("INFO Connection refused"), &Scratch{})
	if !ok || m.Rule != "mine" || !m.Operator {
		t.Errorf("got %+v, %v", m, ok)
	}
}

// TestColoursChangeNothing: what a terminal obeys is no part of a word.
func TestColoursChangeNothing(t *testing.T) {
	c := classifier(t)
	var s Scratch
	want, ok := c.Line([]byte("ERROR: connection refused"), &s)
	if !ok {
		t.Fatal("the line without colours tells nothing")
	}
	for _, esc := range []string{"", "\x1b[31m", "\x1b[1;38;5;196m", "\x1b[0 q", "\x1b(B", "\x1b(B\x1b[m", "\x1bc", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\"} {
		line := esc + "ERROR" + esc + ": " + esc + "connection" + esc + " refused" + esc
		if got, ok := c.Line([]byte(line), &s); !ok || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", line, got, ok, want)
		}
	}
}

func TestFingerprintIsStableOverVolatileParts(t *testing.T) {
	a := Template("2026-11-24 12:00:01 worker 17: cannot open /srv/a/b1.txt for 9f1c2e3d4b, errno 28")
	b := Template("2026-11-25 09:30:59 worker 4: cannot open /srv/z/q.txt for 1a2b3c4d5e, errno 28")
	if a != b {
		t.Errorf("templates differ:\n%s\n%s", a, b)
	}
	if c := Template("worker 4: cannot open /srv/z/q.txt for 1a2b3c4d5e, errno 13"); a == c {
		t.Error("another errno has the same template")
	}
}

func FuzzJudge(f *testing.F) {
	c := classifier(f)
	f.Add("Traceback\n\x1b[31mERROR\x1b[0m retry-after: 99999999999999h", 1)
	f.Fuzz(func(t *testing.T, text string, code int) {
		d := judged(c, &heal.Exit{Code: code}, strings.Split(text, "\n"))
		if d.Type != heal.Benign && !d.Type.Valid() || d.Wait < 0 || d.Wait > wait.Max {
			t.Errorf("got %+v", d)
		}
	})
}

func BenchmarkBenignLine(b *testing.B) {
	c := classifier(b)
	line := []byte(strings.Repeat("2026-11-24 12:00:00 worker 7 handled a batch of items in the usual way ", 2)[:120])
	var s Scratch
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		c.Line(line, &s)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(nil); err != nil {
			b.Fatal(err)
		}
	}
}

// TestBlockJudgesLikeLine compares what a block says with what its lines say.
func TestBlockJudgesLikeLine(t *testing.T) {
	own := []rules.Rule{{Name: "mine", Type: heal.Unknown, Strength: 1, Expr: "(?i)needle", Operator: true, AnyLevel: true}}
	loose := append(own, rules.Rule{Name: "loose", Type: heal.Unknown, Strength: 1, Expr: "[0-9]{3}x", Operator: true, AnyLevel: true})
	lines := []string{
		"all is well", "", "ERROR connection refused by 10.0.0.1:80\r", "a NEEDLE in hay", "INFO 0 errors", strings.Repeat("x", 5000) + " needle",
		"needle" + strings.Repeat(" hay", 3000), "panic: runtime error: index out of range [3] with length 2", "123x", "ERROR disk full: no space left on device", "x", "needle",
	}
	for _, own := range [][]rules.Rule{nil, own, loose} {
		c, err := New(own)
		if err != nil {
			t.Fatal(err)
		}
		var s Scratch
		var want, got []string
		for _, line := range lines {
			line = strings.TrimSuffix(line, "\r")
			if m, ok := c.Line([]byte(line), &s); ok {
				want = append(want, m.Rule+" "+line[max(0, len(line)-40):])
			}
		}
		for _, end := range []string{"\n", ""} {
			got = nil
			c.Block([]byte(strings.Join(lines, "\n")+end), &s, always, func(line []byte, m heal.Match) {
				got = append(got, m.Rule+" "+string(line[max(0, len(line)-40):]))
			})
			slices.Sort(got) // what lies far behind in long lines comes last
			slices.Sort(want)
			if !slices.Equal(got, want) || len(own) > 0 && len(want) < 3 {
				t.Errorf("got %.200q: want %.200q", got, want)
			}
		}
	}
}

func always(bool) bool { return true }

// TestBlockKnowsWhatTheOperatorLooksFor: such lines are judged where others are left out.
func TestBlockKnowsWhatTheOperatorLooksFor(t *testing.T) {
	c, err := New([]rules.Rule{{Name: "mine", Type: heal.Unknown, Strength: 1, Expr: "(?i)needle", Operator: true, AnyLevel: true}})
	if err != nil {
		t.Fatal(err)
	}
	var s Scratch
	got := []string{}
	block := strings.Repeat("ERROR connection refused by 10.0.0.1:80\n", 3) + "a needle\nERROR connection refused by a needle\n"
	c.Block([]byte(block), &s, func(own bool) bool { return own }, func(line []byte, m heal.Match) { got = append(got, m.Rule+" "+string(line)) })
	if want := []string{"mine a needle", "mine ERROR connection refused by a needle"}; !slices.Equal(got, want) {
		t.Errorf("got %q: want %q", got, want)
	}
}

// TestTooManyWordsAreRefused: the tables number their entries in sixteen bits.
func TestTooManyWordsAreRefused(t *testing.T) {
	var all []rules.Rule
	for i := range 700 {
		words := make([]string, 50)
		for j := range words {
			words[j] = fmt.Sprintf("word%03dx%02d", i, j)
		}
		all = append(all, rules.Rule{Name: fmt.Sprint("r", i), Type: heal.Unknown, Strength: 1, Expr: strings.Join(words, "|"), Operator: true})
	}
	if _, err := New(all[:200]); err != nil {
		t.Error(err)
	}
	if _, err := New(all); err == nil || !strings.Contains(err.Error(), "words to look for") {
		t.Errorf("got %v", err)
	}
}

// TestTheLargestRulesFitBesideTheBuiltInOnes: what New accepts can be compiled later.
func TestTheLargestRulesFitBesideTheBuiltInOnes(t *testing.T) {
	var all []rules.Rule
	for i := range 327 {
		words := make([]string, 50)
		for j := range words {
			words[j] = fmt.Sprintf("word%03dx%02d", i, j)
		}
		all = append(all, rules.Rule{Name: fmt.Sprint("r", i), Type: heal.Unknown, Strength: 1, Expr: strings.Join(words, "|"), Operator: true})
	}
	c, err := New(all)
	if err != nil {
		t.Fatal(err)
	}
	c.Warm()
	var s Scratch
	found := ""
	c.Block([]byte("a word326x49\n"), &s, func(bool) bool { return true }, func(_ []byte, m heal.Match) { found = m.Rule })
	if found != "r326" {
		t.Errorf("found %q", found)
	}
	if err := builtin().compiled.Fits(1 - maxShare); err != nil {
		t.Errorf("the built-in rules leave no room: %v", err)
	}
}

// TestABlockInColours is judged line by line like one without.
func TestABlockInColours(t *testing.T) {
	c := classifier(t)
	var s Scratch
	var got []string
	block := "all \x1b[32mwell\x1b[0m\n\x1b[31mERROR\x1b[0m: connection \x1b[1mrefused\x1b[0m\nin an \x1b]0;endless title\nERROR: connection refused\n\x1b"
	c.Block([]byte(block), &s, func(bool) bool { return true }, func(line []byte, m heal.Match) { got = append(got, string(line)+" "+m.Rule) })
	if want := []string{"ERROR: connection refused refused", "ERROR: connection refused refused"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
