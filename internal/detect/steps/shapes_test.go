package steps

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// shape is a kind of output: its i-th line, as an agent prints it, and the time between lines.
type shape struct {
	name string
	lost bool
	line func(r *rand.Rand, i int) string
	gap  time.Duration
}

var javas = []string{"OrderService", "OrderController", "Mapper"}

func sha(r *rand.Rand) string { return fmt.Sprintf("%08x%08x", r.Uint32()|1<<28, r.Uint32()) }

func num(r *rand.Rand) int { return 10_000_000 + r.IntN(89_000_000) }

func clockAt(i int) time.Time {
	return time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Second)
}

// batches get on: each line is about another thing.
func batches() []shape {
	return []shape{
		{"uuid documents", false, func(r *rand.Rand, _ int) string { return "tool: embed_chunk doc=" + id(r) + " ok" }, 0},
		{"uuid documents with times", false, func(r *rand.Rand, i int) string {
			return clockAt(i).Format(time.RFC3339) + " INFO step: indexed document " + id(r) + " in 120ms"
		}, time.Second},
		{"commits", false, func(r *rand.Rand, _ int) string { return "action: review commit " + sha(r) + " -> approved" }, 0},
		{"orders by number", false, func(r *rand.Rand, _ int) string { return fmt.Sprintf("tool=ship order=%d status=ok", num(r)) }, 0},
		{"users by id", false, func(r *rand.Rand, _ int) string { return fmt.Sprintf("call sync_user user_id=%d done", num(r)) }, 0},
		{"records in JSON", false, func(r *rand.Rand, _ int) string {
			return fmt.Sprintf(`{"tool":"classify","args":{"ticket":"%s"},"result":"bug","ok":true}`, id(r))
		}, 0},
		{"blobs", false, func(r *rand.Rand, _ int) string {
			return fmt.Sprintf("running upload blob 0x%016x: stored", r.Uint64())
		}, 0},
		{"migrations of so many", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("Step %d/90: apply migration", i+1) }, 0},
		{"ninja", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("[%d/900] Building object", i+1) }, 0},
		{"pages", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("calling list_items(page=%d) -> 100 items", i+1) }, 0},
		{"days are filled in", false, func(_ *rand.Rand, i int) string {
			return "action: backfill " + clockAt(i*86400).Format(time.DateOnly) + " ok"
		}, 0},
		{"keys in a bucket", false, func(r *rand.Rand, _ int) string { return "tool: s3_copy key=logs/" + sha(r) + ".gz ok" }, 0},
		{"chats", false, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("Turn %d: answered conversation %s", i, id(r))
		}, 0},
		{"offsets", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("tool: read_chunk offset=%d ok", 1<<20*(i+1)) }, 0},
		{"ports are scanned", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("tool: scan port %d ok, closed", 1000+i) }, 0},
		{"three steps for each", false, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("tool: %s doc=%08x-0000-4000-8000-000000000000 ok", []string{"fetch", "embed", "store"}[i%3], 0x1a2b3c40+i/3)
		}, 0},
		{"polls until it is done", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("tool: poll job 42 elapsed=%ds status=running", 2*i)
		}, 2 * time.Second},
		{"polls without a word for it", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("build 42: elapsed %dm%02ds", i/30, i*2%60) }, 2 * time.Second},
		{"a poll in JSON", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf(`{"tool":"ci_status","args":"build 42","result":"pending","elapsed_s":%d}`, 3*i)
		}, 3 * time.Second},
		{"tests get better", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("[turn %d/500] tool: bash npm test -> %d failed", i, 300-i)
		}, 0},
		{"training", false, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("step %d loss=%.4f lr=0.001", i*100, 2/float64(i+1))
		}, 0},
		{"hosts", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("tool: ping host=10.0.%d.%d ok", i/250, i%250) }, 0},
	}
}

// loops do the same again and again, whatever counts beside it.
func loops() []shape {
	return []shape{
		{"step=N, three files", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("step=%d agent=plan-executor tool=read file=src/main/java/%s.java", i, javas[i%3])
		}, 0},
		{"[turn N/500]", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf(`[turn %d/500] tool: bash {"command":"npm test"} -> exit 1`, i)
		}, 0},
		{"(N of 200)", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("(%d of 200) tool=grep pattern=TODO path=src", i)
		}, 0},
		{"N. action", true, func(_ *rand.Rand, i int) string { return fmt.Sprintf("%d. action: open(%q)", i, javas[i%3]) }, 0},
		{"#N action", true, func(_ *rand.Rand, i int) string { return fmt.Sprintf("#%d calling search(\"cheap flights\")", i) }, 0},
		{"iteration and clock", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%s iteration %d: tool=fetch url=http://x/y", clockAt(i).Format("2006-01-02 15:04:05"), i)
		}, time.Second},
		{"unix time", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("ts=%d step=%d tool=list dir=/srv", 1_790_000_000+i*7, i)
		}, 0},
		{"milliseconds in JSON", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf(`{"ts":%d,"step":%d,"tool":"read","args":{"path":"%s.java"},"result":"ok"}`, 1_790_000_000_000+i*733, i, javas[i%3])
		}, 0},
		{"request ids", true, func(r *rand.Rand, _ int) string { return "tool=get_weather city=Paris request_id=" + id(r) + " ok" }, 0},
		{"trace in front", true, func(r *rand.Rand, _ int) string { return "[" + id(r) + "] tool: read file=README.md" }, 0},
		{"event ids in JSON", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf(`{"id":"%s","event":"tool_call","name":"read","input":"%s"}`, id(r), javas[i%3])
		}, 0},
		{"call ids of a provider", true, func(r *rand.Rand, _ int) string {
			return fmt.Sprintf("call toolu_01%08xAb9%06x: bash ls -la", r.Uint32(), r.IntN(1<<24))
		}, 0},
		{"uptime grows", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("[%d.%06d] agent: action=click target=#submit", i*2, 1000+i)
		}, 2 * time.Second},
		{"elapsed in front of an action", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("elapsed=%ds tool=read file=%s.java", i*3, javas[i%3])
		}, time.Second},
		{"tokens and cost", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("Turn %d (%d tokens, $0.%02d): running `go build ./...` -> exit status 2", i, 1000+97*i, i%100)
		}, 0},
		{"attempt of many", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("attempt %d/1000: connect to tool server failed", i)
		}, time.Second},
		{"edit and undo with a counter", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("[%03d] action: %s main.py", i, []string{"edit", "revert"}[i%2])
		}, 0},
		{"memory beside it", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("step %d tool=read file=a.txt rss=%d", i, num(r))
		}, 0},
		{"failing for each other id", true, func(r *rand.Rand, _ int) string { return "tool: embed doc=" + id(r) + " failed: 401 unauthorized" }, 0},
		{"turn in words", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("Turn number %d - Action: read_file - Input: config.yaml", i)
		}, 0},
		{"a poll that never ends", true, func(_ *rand.Rand, i int) string { return "tool: poll job 42 status=running" }, 30 * time.Second},
	}
}

// found is the line at which a shape is found to lead nowhere, counted from 1; 0 for never.
func found(r *rand.Rand, s shape, lines int) int {
	var d Decoder
	var j Judge
	for i := range lines {
		step, err := d.Decode([]byte(s.line(r, i)))
		if err != nil {
			panic(err)
		}
		step.Gap = max(step.Gap, s.gap)
		if j.Add(step) != "" {
			return i + 1
		}
	}
	return 0
}

// linesOfShape are enough for the slowest rule, and for a batch to show itself.
const linesOfShape = 200

func TestBatchesAreLeftAloneAndLoopsAreFound(t *testing.T) {
	for _, s := range append(batches(), loops()...) {
		for seed := range uint64(3) {
			if at := found(rand.New(rand.NewPCG(seed, 15)), s, linesOfShape); (at > 0) != s.lost {
				t.Errorf("%s: found at line %d", s.name, at)
				break
			}
		}
	}
}

// TestAWaitIsMeasuredByItsOwnHistory: polls that took a minute make one of ten minutes unusual.
func TestAWaitIsMeasuredByItsOwnHistory(t *testing.T) {
	var j Judge
	add := func(job, n int) string {
		for i := range n {
			if rule := j.Add(Line(fmt.Sprintf("polling job %d: running, elapsed %ds", job, 2*i), 2*time.Second)); rule != "" {
				return fmt.Sprintf("job %d after %ds: %s", job, 2*i, rule)
			}
		}
		j.Add(Line(fmt.Sprintf("job %d finished", job), 2*time.Second))
		return ""
	}
	for job := range 5 {
		if why := add(job, 30); why != "" {
			t.Fatal(why)
		}
	}
	if why := add(9, 85); why != "" {
		t.Errorf("three times as long is not unusual yet: %s", why)
	}
	if why := add(10, 600); why == "" {
		t.Error("twenty minutes are as usual as one")
	}
}
