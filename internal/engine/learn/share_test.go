package learn

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"healer-sidecar/internal/heal"
)

func host(n int, s heal.Strategy, o heal.Outcome) *Book {
	b := book()
	for range n {
		b.Learn(now, lesson(s, o))
	}
	return b
}

func tell(from *Book, name string, to *Book) {
	for _, s := range from.Export(name, true).Patterns {
		to.Hear(now, s)
	}
}

func TestWhatOthersLearnedMovesTheChanceLess(t *testing.T) {
	seen, told := host(8, heal.Restart, heal.Failed), book()
	before := chanceOf(told, heal.Restart)
	tell(seen, "other", told)
	own, heard := chanceOf(seen, heal.Restart), chanceOf(told, heal.Restart)
	if !(own < heard && heard < before-0.05) {
		t.Errorf("untold %.2f, told %.2f, seen %.2f", before, heard, own)
	}
}

func TestTellingTwiceCountsOnce(t *testing.T) {
	seen, told := host(8, heal.Restart, heal.Failed), book()
	tell(seen, "other", told)
	once := chanceOf(told, heal.Restart)
	tell(seen, "other", told)
	tell(told, "third", told) // it comes back by another way
	if got := chanceOf(told, heal.Restart); got != once {
		t.Errorf("told once %.4f, again %.4f", once, got)
	}
}

// TestAForgottenFailureBeginsAnew: counts of an earlier epoch do not come back.
func TestAForgottenFailureBeginsAnew(t *testing.T) {
	seen, told := host(8, heal.Restart, heal.Failed), book()
	tell(seen, "other", told)
	seen.Forget("a", "v1:x")
	later := now.Add(time.Hour)
	seen.Learn(later, lesson(heal.Restart, heal.Recovered))
	for _, s := range seen.Export("other", false).Patterns {
		told.Hear(later, s)
	}
	if got := told.Find("a", "v1:x").Told["other"].Arms[heal.Restart][0]; got != (heal.Counts{Good: 1}) {
		t.Errorf("told %+v", got)
	}
}

func TestSurpriseHereSilencesOthers(t *testing.T) {
	told := book()
	tell(host(40, heal.Restart, heal.Recovered), "other", told)
	if got := chanceOf(told, heal.Restart); got < 0.8 {
		t.Fatalf("told chance %.2f", got)
	}
	for range 4 {
		told.Learn(now, lesson(heal.Restart, heal.Failed))
	}
	if got := chanceOf(told, heal.Restart); got > 0.45 {
		t.Errorf("after four failures the chance is %.2f", got)
	}
}

func shared(t *rapid.T) heal.Shared {
	count := func() heal.Counts {
		return heal.Counts{Good: float64(rapid.IntRange(0, 9).Draw(t, "good")), Bad: float64(rapid.IntRange(0, 9).Draw(t, "bad"))}
	}
	return heal.Shared{
		Origin: rapid.SampledFrom([]string{"h1", "h2"}).Draw(t, "origin"), Epoch: int64(rapid.IntRange(1, 2).Draw(t, "epoch")),
		Class: "a", Fingerprint: "v1:x", Type: heal.Unknown, Seen: now.Wall.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "seen")) * time.Hour),
		Arms: map[heal.Strategy][2]heal.Counts{heal.Retry: {count(), count()}},
	}
}

// TestMergeHasNoOrder: any order and any repetition of reports amounts to the same.
func TestMergeHasNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		reports := rapid.SliceOfN(rapid.Custom(shared), 1, 8).Draw(t, "reports")
		straight, mixed := book(), book()
		for _, r := range reports {
			straight.Hear(now, r)
		}
		for _, r := range rapid.Permutation(append(reports, reports...)).Draw(t, "order") {
			mixed.Hear(now, r)
		}
		x, y := straight.Find("a", "v1:x").Told, mixed.Find("a", "v1:x").Told
		if !reflect.DeepEqual(x, y) {
			t.Fatalf("one order %v, another %v", x, y)
		}
	})
}

func TestNonsenseIsNotHeard(t *testing.T) {
	good := heal.Shared{Origin: "h", Class: "a", Fingerprint: "v1:x", Type: heal.Unknown, Arms: map[heal.Strategy][2]heal.Counts{heal.Retry: {{Good: 1}}}}
	if err := CheckShared(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*heal.Shared){
		"origin":   func(s *heal.Shared) { s.Origin = "" },
		"type":     func(s *heal.Shared) { s.Type = "nonsense" },
		"strategy": func(s *heal.Shared) { s.Arms = map[heal.Strategy][2]heal.Counts{"reboot": {}} },
		"count":    func(s *heal.Shared) { s.Arms = map[heal.Strategy][2]heal.Counts{heal.Retry: {{Good: -1}}} },
		"weights":  func(s *heal.Shared) { s.Weights = []float64{1} },
	} {
		bad := good
		spoil(&bad)
		b := book()
		b.Hear(now, bad)
		if CheckShared(bad) == nil || len(b.Patterns) != 0 {
			t.Errorf("%s: it was believed", name)
		}
	}
}

func TestStalePatternsAreLetGo(t *testing.T) {
	b := host(3, heal.Retry, heal.Recovered)
	other := lesson(heal.Retry, heal.Recovered)
	other.Fingerprint = "v1:y"
	b.Learn(now.Add(10*365*aDay), other) // a clock that jumped
	if b.Find("a", "v1:x") == nil {
		t.Fatal("one jump of the clock made it forget")
	}
	for day := range staleAfter + 2 {
		b.Learn(now.Add(time.Duration(day)*aDay), other)
	}
	if b.Find("a", "v1:x") != nil || b.Find("a", "v1:y") == nil {
		t.Error("what was unused for 90 days is kept, or what was used is not")
	}
}

// TestAFullBookIsSmall: 10,000 patterns hold at most 16 MiB.
func TestAFullBookIsSmall(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b := book()
	for i := range 3 * maxPatterns {
		l := lesson([]heal.Strategy{heal.Retry, heal.Restart}[i%2], heal.Failed)
		l.Fingerprint, l.Template = fmt.Sprintf("v1:%012x", i/2), fmt.Sprintf("%0200d", i/2)
		b.Learn(now, l)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 16<<20 || len(b.Patterns) > maxPatterns {
		t.Errorf("%d patterns hold %.1f MiB", len(b.Patterns), float64(used)/(1<<20))
	}
	runtime.KeepAlive(b)
}

// FuzzHear: whatever another host says, nothing is believed that cannot be.
func FuzzHear(f *testing.F) {
	good, _ := json.Marshal(host(2, heal.Restart, heal.Failed).Export("h", true))
	f.Add(good)
	f.Add([]byte(`{"patterns":[{"origin":"h","class":"*","fingerprint":"v1:x","type":"unknown","arms":{"retry":[{"good":1e300}]}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var k heal.Knowledge
		if json.Unmarshal(text, &k) != nil {
			return
		}
		b := book()
		for _, s := range k.Patterns {
			b.Hear(now, s)
		}
		if p := chanceOf(b, heal.Restart); !(p > 0 && p < 1) {
			t.Fatalf("a chance of %v", p)
		}
	})
}
