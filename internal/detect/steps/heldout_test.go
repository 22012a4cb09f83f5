package steps

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// heldOut are shapes that were written before the rules had seen them.
func heldOut() []shape { return append(heldOutBatches(), heldOutLoops()...) }

func b62(r *rand.Rand, n int) string {
	const abc = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	out := make([]byte, n)
	for i := range out {
		out[i] = abc[r.IntN(len(abc))]
	}
	return string(out)
}

func heldOutBatches() []shape {
	return []shape{
		{"ulid items", false, func(r *rand.Rand, _ int) string { return "tool: process_item item=01" + b62(r, 24) + " ok" }, 0},
		{"emails sent", false, func(r *rand.Rand, _ int) string {
			return "action=send_email to=user" + fmt.Sprint(r.IntN(99999)) + "@x.io status=sent"
		}, 0},
		{"invoices", false, func(r *rand.Rand, _ int) string {
			return fmt.Sprintf("step: invoice INV-2026-%06d posted", r.IntN(999999))
		}, 0},
		{"md5 dedupe", false, func(r *rand.Rand, _ int) string {
			return fmt.Sprintf("running dedupe on %016x%016x: unique", r.Uint64(), r.Uint64())
		}, 0},
		{"image resize", false, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("tool call: resize IMG_%04d.JPG -> 800x600 done", i)
		}, 0},
		{"chunk k of n", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("tool: embed chunk %d/4000 ok", i) }, 0},
		{"epochs", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("Epoch %d/300 iteration done val_acc=0.%04d", i, 5000+i*7)
		}, 0},
		{"bare uuid done", false, func(r *rand.Rand, _ int) string { return "step embed " + id(r) + " done" }, 0},
		{"objects via arn", false, func(r *rand.Rand, _ int) string {
			return "call describe arn:aws:ec2:eu-1:123456789012:instance/i-0" + sha(r) + " -> running"
		}, 0},
		{"rows via record", false, func(r *rand.Rand, _ int) string {
			return fmt.Sprintf(`{"action":"upsert","args":{"row":%d},"result":"ok"}`, num(r))
		}, 0},
		{"poll with waited", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("tool: check_deploy env=prod -> still rolling out (waited %ds)", i*4)
		}, 4 * time.Second},
		{"poll mm:ss", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("action: wait_for_ci run=77 elapsed 00:%02d:%02d", i*3/60, i*3%60)
		}, 3 * time.Second},
		{"poll with attempt", false, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("attempt %d: job status is pending, elapsed %d.0s", i, i*3)
		}, 3 * time.Second},
		{"step counter + uuid doc", false, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("step=%d tool=summarize doc_id=%s result=ok", i, id(r))
		}, 0},
		{"eta shrinks", false, func(_ *rand.Rand, i int) string { return fmt.Sprintf("running download: eta %ds", 900-i*4) }, 0},
	}
}

func heldOutLoops() []shape {
	return []shape{
		{"step no in the middle", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("agent=planner step=%d tool=search query=\"hotel paris\"", i)
		}, 0},
		{"cycle of two with iter", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("iter=%d/100 action=%s", i, []string{"scroll(down)", "scroll(up)"}[i%2])
		}, 0},
		{"langchain", true, func(_ *rand.Rand, i int) string {
			return []string{"Thought: I need to look up the answer", "Action: Search", "Action Input: \"population of france\""}[i%3]
		}, 0},
		{"json seq", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf(`{"seq":%d,"action":"read_file","path":"a.py"}`, i)
		}, 0},
		{"json step", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf(`{"step":%d,"time":"%s","tool":"bash","command":"ls","exit":0}`, i, clockAt(i).Format(time.RFC3339))
		}, 0},
		{"bracket step of max", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("[step %d/50] tool: edit file=src/main.rs -> ok", i)
		}, 0},
		{"round with time", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%s round=%d calling get_price(symbol='BTC')", clockAt(i*5).Format("15:04:05"), i)
		}, 5 * time.Second},
		{"klog", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("I1128 09:%02d:%02d.123456   %d agent.go:42] tool=kubectl args=\"get pods\"", i/60%60, i%60, 7)
		}, time.Second},
		{"duration differs", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("step %d: tool=read file=x.py took %dms", i, r.IntN(900))
		}, 0},
		{"session uuid", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("session=%s turn=%d tool=web_fetch url=https://a.b/c", id(r), i)
		}, 0},
		{"pid differs", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("running pytest (pid %d) -> exit code 1", r.IntN(99999))
		}, 0},
		{"tmp files", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("tool: bash python /tmp/tmp%08x.py -> ok", r.Uint32())
		}, 0},
		{"tool call with id in parens", true, func(r *rand.Rand, i int) string {
			return fmt.Sprintf("Tool call (call_%s): list_files path=.", b62(r, 24))
		}, 0},
		{"msg counter", true, func(_ *rand.Rand, i int) string { return fmt.Sprintf("msg %d: action=retrieve query=foo", i) }, 0},
		{"cycle of four counters", true, func(_ *rand.Rand, i int) string {
			return fmt.Sprintf("%d) run %s", i, []string{"go build", "go vet", "go test", "git diff"}[i%4])
		}, 0},
	}
}

func TestShapesThatWereHeldOut(t *testing.T) {
	for _, s := range heldOut() {
		if at := found(rand.New(rand.NewPCG(1, 15)), s, linesOfShape); (at > 0) != s.lost {
			t.Errorf("%s: found at line %d: %s", s.name, at, s.line(rand.New(rand.NewPCG(1, 15)), 3))
		}
	}
}
