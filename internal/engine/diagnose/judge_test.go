package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"healer-sidecar/internal/heal"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func classifier(t testing.TB, rules ...Rule) *Classifier {
	t.Helper()
	c, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestJudge(t *testing.T) {
	died := &heal.Exit{Code: 1}
	table := []struct {
		name  string
		exit  *heal.Exit
		lines string
		want  heal.ErrorType
	}{
		{"segfault", &heal.Exit{Signal: "SIGSEGV"}, "working", heal.ExecutionFailure},
		{"seccomp", &heal.Exit{Signal: "SIGSYS"}, "starting", heal.SafetyViolation},
		{"proven OOM", &heal.Exit{Signal: "SIGKILL", OOM: true}, "working", heal.ResourceExhaustion},
		{"unproven kill", &heal.Exit{Signal: "SIGKILL"}, "working", heal.Unknown},
		{"no such program", &heal.Exit{Errno: "ENOENT"}, "", heal.ConfigurationError},
		{"mapped exit", &heal.Exit{Code: 75, Mapped: heal.GoalConflict}, "", heal.GoalConflict},
		{"silent exit", died, "bye", heal.Unknown},
		{"lived through", died, "Error code: 401 - invalid api key\nkey renewed\nstep 1\nstep 2\nstep 3\nstep 4\nOSError: [Errno 28] No space left on device", heal.ResourceExhaustion},
		{"its consequence", died, "Error code: 401 - invalid api key\nstep 1\nfatal: giving up", heal.ConfigurationError},
		{"disk full", died, "OSError: [Errno 28] No space left on device", heal.ResourceExhaustion},
		{"refused", died, "dial tcp 10.0.0.1:80: connect: connection refused", heal.CommunicationError},
		{"database refused", died, "psycopg2.OperationalError: connection refused", heal.DependencyFailure},
		{"bad key", died, "Error code: 401 - invalid api key", heal.ConfigurationError},
		{"loss", died, "step 12: loss is nan, stopping", heal.LearningFailure},
		{"lock", died, "fatal: another process holds the lock", heal.GoalConflict},
		{"numbers", nil, "number 502\nnumber 504\nnumber 424\nnumber 529", heal.Benign},
		{"none failed", nil, "INFO summary: 12 passed, 0 failed", heal.Benign},
		{"retried", nil, "retry succeeded after 2 attempts", heal.Benign},
		{"setting", nil, "timeout set to 30s", heal.Benign},
		{"quoted", nil, `title: "Ten ways to fix an out of memory error"`, heal.Benign},
		{"guardrail", nil, "ERROR guardrail blocked tool call shell", heal.SafetyViolation},
	}
	c := classifier(t)
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			if got := c.Diagnose(row.exit, strings.Split(row.lines, "\n"), noon); got.Type != row.want {
				t.Errorf("got %s, want %s; evidence %q", got.Type, row.want, got.Evidence)
			}
		})
	}
}

func TestOperatorRuleComesFirst(t *testing.T) {
	c := classifier(t, Rule{Name: "mine", Type: heal.GoalConflict, Strength: 1, Expr: "Connection refused", Operator: true})
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

func TestRuleThatCostsTooMuchIsRefused(t *testing.T) {
	if _, err := New([]Rule{{Name: "bomb", Type: heal.Unknown, Expr: `((a{0,100}){0,10})b`, Operator: true}}); err == nil {
		t.Error("a rule of ten thousand steps was accepted")
	}
}

func TestWaitIn(t *testing.T) {
	table := map[string]time.Duration{
		"Retry-After: 7":                              7 * time.Second,
		`"retry_after_ms": 1500`:                      1500 * time.Millisecond,
		"x-ratelimit-reset-requests: 6m0s":            6 * time.Minute,
		"X-RateLimit-Reset: 1795521660":               time.Minute,
		"please try again in 1m30s":                   90 * time.Second,
		"try again in 20s":                            20 * time.Second,
		"quota resets at 2026-11-24T12:05:00Z":        5 * time.Minute,
		"limit resets at 1:30 pm (UTC)":               90 * time.Minute,
		"try again at 11:00 UTC":                      23 * time.Hour,
		"resets at 2026-11-24T15:00:00+02:00 for you": time.Hour,
	}
	for line, want := range table {
		if got, ok := WaitIn([]string{"first", line}, noon); !ok || got != want {
			t.Errorf("%q: got %s, want %s", line, got, want)
		}
	}
	if d, ok := WaitIn([]string{"timeout set to 30s", "retried 3 times"}, noon); ok {
		t.Errorf("a wait of %s was invented", d)
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

// slowFind is the obvious search that the searcher must agree with.
func slowFind(text string, literals []literal) []uint16 {
	var ids []uint16
	for i, lit := range literals {
		for at := range text {
			if strings.HasPrefix(text[at:], lit.text) && lit.standsAt([]byte(text), at) {
				ids = append(ids, uint16(i))
				break
			}
		}
	}
	return ids
}

func FuzzSearch(f *testing.F) {
	var all []literal
	var ids [][]uint16
	for i, text := range strings.Split("abc,bcd,cab,aaa,error,err:,abcab,in the end,✗ ab,nan,lock,fail,seven,eightly,a nine of,bbbbbbbbbbb", ",") {
		all, ids = append(all, literal{text: text, first: i%3 == 1, last: i%4 == 2}), append(ids, []uint16{uint16(i)})
	}
	s := newSearcher(all, ids)
	f.Add("xABCDaaaaERRor: err:")
	f.Add("in the eND✗ abcab")
	f.Add(strings.Repeat("many windows at once, abcab ", 9))
	f.Add("seven locks of eightly nan \x1b[31mNaN a nine of\nbbbbbbbbbbbbbbbb, fail failed")
	f.Fuzz(func(t *testing.T, text string) {
		for _, text := range []string{text, strings.Repeat(text+"\n", 64/(len(text)+1)+1), strings.Repeat(text, 400/(len(text)+1)) + "\n" + text} {
			lower, line := lowerASCII(text), 0
			var got []uint16
			s.find([]byte(text), func(at int, ids []uint16) {
				if !strings.HasPrefix(lower[at:], all[ids[0]].text) {
					t.Errorf("%q: %s is not at %d", text, all[ids[0]].text, at)
				}
				n := strings.Count(text[:at], "\n")
				if n < line {
					t.Errorf("%q: line %d comes after line %d", text, n, line)
				}
				got, line = append(got, ids...), n
			})
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, slowFind(lower, all)) {
				t.Errorf("%q: got %v, want %v", text, got, slowFind(lower, all))
			}
		}
	})
}

func FuzzJudge(f *testing.F) {
	c := classifier(f)
	f.Add("Traceback\n\x1b[31mERROR\x1b[0m retry-after: 99999999999999h", 1)
	f.Fuzz(func(t *testing.T, text string, code int) {
		d := c.Diagnose(&heal.Exit{Code: code}, strings.Split(text, "\n"), noon)
		if d.Type != heal.Benign && !d.Type.Valid() || d.Wait < 0 || d.Wait > maxWait {
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

func TestBuiltinRulesCompile(t *testing.T) {
	rules, err := builtinRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.not != nil {
			r.not()
		}
		for _, b := range r.branches {
			var words []string
			for _, lit := range b.literals {
				words = append(words, lit.text)
			}
			if f := commonness(words); f > 0.02 {
				t.Errorf("rule %s is tried on every %.0f bytes of usual text: %q", r.Name, 1/f, words)
			}
			if expr := b.expr(); len(b.literals) == 0 {
				t.Errorf("rule %s has no literal in %s: it would be tried on every line", r.Name, expr)
			}
		}
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
	own := []Rule{{Name: "mine", Type: heal.Unknown, Strength: 1, Expr: "(?i)needle", Operator: true, AnyLevel: true}}
	loose := append(own, Rule{Name: "loose", Type: heal.Unknown, Strength: 1, Expr: "[0-9]{3}x", Operator: true, AnyLevel: true})
	lines := []string{
		"all is well", "", "ERROR connection refused by 10.0.0.1:80\r", "a NEEDLE in hay", "INFO 0 errors", strings.Repeat("x", 5000) + " needle",
		"needle" + strings.Repeat(" hay", 3000), "panic: runtime error: index out of range [3] with length 2", "123x", "ERROR disk full: no space left on device", "x", "needle",
	}
	for _, rules := range [][]Rule{nil, own, loose} {
		c, err := New(rules)
		if err != nil {
			t.Fatal(err)
		}
		var s Scratch
		var want, got []string
		for _, line := range lines {
			line = strings.TrimSuffix(line, "\r")
			if m, ok := c.Line([]byte(line), &s); ok {
				want = append(want, m.Rule+" "+line)
			}
		}
		for _, end := range []string{"\n", ""} {
			got = nil
			c.Block([]byte(strings.Join(lines, "\n")+end), &s, always, func(line []byte, m heal.Match) { got = append(got, m.Rule+" "+string(line)) })
			if !slices.Equal(got, want) || len(rules) > 0 && len(want) < 3 {
				t.Errorf("got %.200q: want %.200q", got, want)
			}
		}
	}
}

func always(bool) bool { return true }

// TestBlockKnowsWhatTheOperatorLooksFor: such lines are judged where others are left out.
func TestBlockKnowsWhatTheOperatorLooksFor(t *testing.T) {
	c, err := New([]Rule{{Name: "mine", Type: heal.Unknown, Strength: 1, Expr: "(?i)needle", Operator: true, AnyLevel: true}})
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
	var rules []Rule
	for i := range 700 {
		words := make([]string, 50)
		for j := range words {
			words[j] = fmt.Sprintf("word%03dx%02d", i, j)
		}
		rules = append(rules, Rule{Name: fmt.Sprint("r", i), Type: heal.Unknown, Strength: 1, Expr: strings.Join(words, "|"), Operator: true})
	}
	if _, err := New(rules[:200]); err != nil {
		t.Error(err)
	}
	if _, err := New(rules); err == nil || !strings.Contains(err.Error(), "words to look for") {
		t.Errorf("got %v", err)
	}
}

func TestPrintableDropsWhatDrivesATerminal(t *testing.T) {
	in := "a\x1b]0;t\x07b \u009b2J \x9b31m \u202ec\u2066 \r\x00d \u00e9 \u4e2d"
	if got, want := Printable([]byte(in), 200), "ab 2J \uFFFD31m c d \u00e9 \u4e2d"; got != want {
		t.Errorf("got %q, want %q", got, want)
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
