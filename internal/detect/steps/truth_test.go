package steps

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// walk is a kind of agent: its i-th step.
type walk struct {
	name string
	lost bool
	step func(r *rand.Rand, i int) Step
}

const (
	onset   = 12
	longest = 70
	perWalk = 20
)

func did(tool, args, result string) Step { return Step{Action: tool + " | " + args, Result: result} }

func failed(tool, args, result string) Step {
	s := did(tool, args, result)
	s.Failed = true
	return s
}

func (s Step) at(progress int) Step { s.Progress, s.Counted = float64(progress), true; return s }

func (s Step) after(gap time.Duration) Step { s.Gap = gap; return s }

func some(r *rand.Rand) string {
	return fmt.Sprintf("w%c%c%c%c", letter(r), letter(r), letter(r), letter(r))
}

func letter(r *rand.Rand) rune { return 'g' + rune(r.IntN(20)) }

func id(r *rand.Rand) string {
	return fmt.Sprintf("%08x-1234-4abc-9def-%012x", r.Uint32(), r.Uint64()>>16)
}

func walks() []walk { return append(plainWalks(), countingWalks()...) }

func plainWalks() []walk {
	return []walk{
		{"works", false, func(r *rand.Rand, i int) Step { return did(some(r), some(r), some(r)).at(i / 3) }},
		{"works, uncounted", false, func(r *rand.Rand, _ int) Step { return did("shell", some(r), some(r)) }},
		{"batch of files", false, func(_ *rand.Rand, i int) Step { return did("edit", fmt.Sprintf("file_%d.py", i), "ok") }},
		{"pages", false, func(r *rand.Rand, i int) Step { return did("web", fmt.Sprintf("list page %d", i), some(r)) }},
		{"slow poll", false, func(_ *rand.Rand, i int) Step {
			return did("ci", "status of build 42", []string{"pending", "passed"}[i/15%2]).after(20 * time.Second)
		}},
		{"growing waits", false, func(r *rand.Rand, i int) Step {
			if n := i % 8; n < 5 {
				return failed("api", "get items", "503 unavailable").after(time.Second << n)
			}
			return did("api", some(r), some(r)).after(time.Second)
		}},
		{"tests get better", false, func(_ *rand.Rand, i int) Step {
			return failed("test", "go test", fmt.Sprintf("FAIL %d of 90 in %d ms", 90-i, 1000+i*37))
		}},
		{"edit and test", false, func(r *rand.Rand, i int) Step {
			if i%2 == 0 {
				return did("edit", "main.go "+some(r), "ok").at(i / 2)
			}
			return failed("test", "go test", "FAIL").at(i / 2)
		}},
		{"reads the plan again", false, func(r *rand.Rand, i int) Step {
			if i%4 == 0 {
				return did("read", "plan.md", "the plan")
			}
			return did("shell", some(r), some(r))
		}},
		{"the same again", true, func(*rand.Rand, int) Step { return did("read", "main.go", "package main") }},
		{"the same error", true, func(*rand.Rand, int) Step { return failed("make", "build", "undefined: foo") }},
		{"error with times and pids", true, func(r *rand.Rand, i int) Step {
			return failed("make", "build", fmt.Sprintf("2026-11-25T03:%02d:%02dZ pid %d: undefined: foo", i%60, r.IntN(60), r.IntN(90000)))
		}},
		{"request ids", true, func(r *rand.Rand, _ int) Step { return failed("api", "get /items?req="+id(r), "404 not found") }},
		{"call ids and durations", true, func(r *rand.Rand, _ int) Step {
			return did("search", fmt.Sprintf("call_%08x fish", r.Uint64()), fmt.Sprintf("nothing in %d ms", r.IntN(900)))
		}},
		{"to and fro", true, func(_ *rand.Rand, i int) Step { return did("read", []string{"a.go", "b.go"}[i%2], "text") }},
		{"cycle of five", true, func(_ *rand.Rand, i int) Step { return did("open", fmt.Sprint("page ", i%5), "text") }},
		{"cycle of eight", true, func(_ *rand.Rand, i int) Step { return did("open", fmt.Sprint("page ", i%8), "text") }},
		{"apply and revert", true, func(_ *rand.Rand, i int) Step {
			return []Step{did("edit", "apply", "ok"), failed("test", "go test", "FAIL TestX"), did("edit", "revert", "ok")}[i%3]
		}},
		{"failing among other things", true, func(r *rand.Rand, i int) Step {
			if i%4 == 3 {
				return did("grep", some(r), "none")
			}
			return failed("make", "build", "undefined: foo")
		}},
		{"monologue", true, func(*rand.Rand, int) Step { return Step{Action: "say | I will now fix it", Talk: true} }},
		{"wandering", true, func(r *rand.Rand, _ int) Step { return did("read", fmt.Sprint("file ", r.IntN(5)), "text") }},
		{"busy without a mark", true, func(r *rand.Rand, _ int) Step { return did(some(r), some(r), some(r)).at(4) }},
	}
}

// countingWalks are those in which numbers and names differ from step to step.
func countingWalks() []walk {
	return []walk{
		{"a bar of percents", false, func(_ *rand.Rand, i int) Step { return Line(fmt.Sprintf("Downloading model: %d%%", i/6), 0) }},
		{"megabytes", false, func(_ *rand.Rand, i int) Step {
			return Line(fmt.Sprintf("fetched %.1f MB of 812.0 MB", float64(i)*13.1), 0)
		}},
		{"time that is left", false, func(_ *rand.Rand, i int) Step { return Line(fmt.Sprintf("eta %d min, %d%% done", 90-i, i), 0) }},
		{"every item fails", false, func(_ *rand.Rand, i int) Step { return failed("import", fmt.Sprint("row ", i), "error: bad date") }},
		{"steps of so many", false, func(_ *rand.Rand, i int) Step { return Line(fmt.Sprintf("Step %d/90: apply migration", i), 0) }},
		{"error with random numbers", true, func(r *rand.Rand, _ int) Step {
			return Line(fmt.Sprintf("ERROR: ticket #%d could not be updated", r.IntN(9000)), 0)
		}},
		{"error with made names", true, func(r *rand.Rand, _ int) Step {
			return failed("make", "all", fmt.Sprintf("/tmp/x%08x/a.c: error: undefined foo", r.Uint32()))
		}},
		{"thoughts are worded anew", true, func(r *rand.Rand, i int) Step {
			return Line([]string{"Thought: " + some(r) + some(r), "Action: read main.go", "Observation: package main"}[i%3], 0)
		}},
		{"numbered steps", true, func(_ *rand.Rand, i int) Step { return Line(fmt.Sprintf(`Step %d: calling search("flights")`, i), 0) }},
		{"what is spent grows", true, func(_ *rand.Rand, i int) Step {
			return Line(fmt.Sprintf(`calling search("x"): %d tokens, $%d.10`, 1200+i*150, i), 0)
		}},
		{"tokens of a record", true, func(r *rand.Rand, i int) Step {
			return Line(fmt.Sprintf(`{"msg":"answer is no JSON, asking again","call":"req_%08x","tokens":%d}`, r.Uint32(), r.IntN(900)), 0)
		}},
		{"edits that change nothing", true, func(r *rand.Rand, i int) Step {
			return Line([]string{fmt.Sprintf("edit main.go, %d lines", r.IntN(40)), "go test: FAIL TestX, 3 is not 4"}[i%2], 0)
		}},
		{"the same in other words", true, func(r *rand.Rand, _ int) Step {
			pick := func(words ...string) string { return words[r.IntN(len(words))] }
			return Line(fmt.Sprintf("Thought: I should %s the %s before I %s", pick("check", "review", "read"), pick("plan", "task"), pick("act", "start", "answer")), 0)
		}},
		{"talks of many things", false, func(r *rand.Rand, _ int) Step { return Line("assistant: "+some(r)+" "+some(r)+" "+some(r), 0) }},
		{"has no work", false, func(*rand.Rand, int) Step { return Line("heartbeat ok, queue empty", 0) }},
		{"waits, nobody knows how long", false, func(_ *rand.Rand, i int) Step {
			return Line(fmt.Sprintf("job %d is %s", i/16, []string{"pending", "done"}[i%16/15]), 0)
		}},
		{"long ids", true, func(r *rand.Rand, _ int) Step {
			return did("create", fmt.Sprintf(`{"key":"01h%xk%xz%xq"}`, r.Uint32(), r.Uint32(), r.Uint32()), "accepted")
		}},
	}
}

// TestStepsTruthTable prints for each kind of agent how often it was found to lead
// nowhere, and after how many steps.
func TestStepsTruthTable(t *testing.T) {
	r := rand.New(rand.NewPCG(20261125, 8))
	for _, w := range walks() {
		found, took := 0, 0
		for range perWalk {
			if n := first(r, w); n > 0 {
				found, took = found+1, took+n-onset
			}
		}
		t.Logf("%-28s %2d of %d, after %.0f steps", w.name, found, perWalk, float64(took)/float64(max(found, 1)))
		if w.lost && found < perWalk || !w.lost && found > 0 {
			t.Errorf("%s: found %d of %d", w.name, found, perWalk)
		}
	}
}

// first is the step at which the walk was found to lead nowhere, counted from 1.
func first(r *rand.Rand, w walk) int {
	var j Judge
	for i := range longest {
		s := did(some(r), some(r), some(r)).at(min(i, 4))
		if i >= onset || !w.lost {
			s = w.step(r, i)
		}
		if j.Add(s) != "" {
			return i + 1
		}
	}
	return 0
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"tool":"read","args":{"path":"a"},"observation":"x","error":false,"gap":2,"progress":3}`)
	f.Add(`"a line"`)
	f.Add(`plain text, error 503`)
	f.Fuzz(func(_ *testing.T, record string) {
		var d Decoder
		var j Judge
		for range 5 {
			if s, err := d.Decode([]byte(record)); err == nil {
				j.Add(s)
			}
		}
	})
}
